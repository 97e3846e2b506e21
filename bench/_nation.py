"""A database of a given size, filled by plain SQL: zones × indicators × months.

Figures are arithmetic, not statistics. Events, current values, paths and lights are as the product
would have written them; only the writing is done in bulk, with checks off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench._common import call_migrate, fresh_database, start_django, timed

ROOT: Final = Path(__file__).resolve().parents[1]
NOW: Final = datetime(2026, 11, 22, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Size:
    """How large a house is filled."""

    name: str
    zones: int
    indicators: int
    months: int

    @property
    def values(self) -> int:
        return self.zones * self.indicators * self.months


CITY: Final = Size("city", 15, 36, 46)
PROVINCE: Final = Size("province", 100, 60, 72)
NATION: Final = Size("nation", 2_800, 60, 72)
SIZES: Final = {size.name: size for size in (CITY, PROVINCE, NATION)}


def build(size: Size) -> float:
    """Make (or re-use) the database of `size`; return the seconds it took to fill."""
    name = f"bench_{size.name}"
    fresh = fresh_database(name, keep=True)
    start_django()
    from django.db import connection

    from jingkai.delivery.indicators.public import Series
    from jingkai.packs.public import load_pack

    if not fresh:
        if _is_filled():
            return 0.0
        if Series.objects.filter(scope_kind="zone").exists():
            # cut off while filling: nothing to keep
            connection.close()
            fresh_database(name)
            call_migrate()

    load_pack(ROOT / "packs" / "shenyang", now=NOW)
    with timed() as took:
        _fill(size)
    return took[0]


def _is_filled() -> bool:
    """Lights are written last."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM indicators_statusvoice WHERE at = '2026-11-11')"
            " AND EXISTS (SELECT FROM indicators_currentvalue)"
        )
        (filled,) = cursor.fetchone()
    return bool(filled)


def _fill(size: Size) -> None:
    """Heaps first, without indexes, keys and triggers; then what was taken away, built at once."""
    from django.db import connection, transaction

    tables = list(BULKY)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL maintenance_work_mem = '1GB'")
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute(CONSTRAINTS, {"tables": tables})
        constraints = cursor.fetchall()
        for table, name, _definition in constraints:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)", [tables]
        )
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        for statement in STATEMENTS:
            cursor.execute(
                statement,
                {"zones": size.zones, "indicators": size.indicators, "months": size.months},
            )
        for _name, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in reversed(constraints):  # keys before who refers to them
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


BULKY: Final = (
    "indicators_currentvalue",
    "indicators_statusvoice",
    "indicators_trajectorypoint",
    "indicators_valueevent",
)
CONSTRAINTS: Final = """
    SELECT conrelid::regclass::text, conname,
        pg_get_constraintdef(oid) || CASE WHEN contype = 'f' THEN ' NOT VALID' ELSE '' END
    FROM pg_constraint
    WHERE contype IN ('f', 'p', 'u')
        AND (conrelid = ANY(%(tables)s::regclass[]) OR confrelid = ANY(%(tables)s::regclass[]))
    ORDER BY contype = 'f' DESC, oid
"""
STATEMENTS: Final = (
    # zones beyond the pack's own, each with a committee
    """
    INSERT INTO organisations_body (code, kind, name, name_en, initials, admin_code, position,
        verified, source)
    SELECT 'BENCH_C' || n, 'committee', '基准经开区' || n || '管委会', 'Bench committee ' || n, '',
        '', 1000 + n, false, '' FROM generate_series(1, %(zones)s) n
    WHERE n > (SELECT count(*) FROM organisations_zone)
    """,
    """
    INSERT INTO organisations_zone (code, name, short_name, name_en, initials, level, committee_id,
        host_district_id, catalogue_code, founded_on, evaluated, position, verified, source, note)
    SELECT 'BENCH_Z' || substr(b.code, 8),
        replace(b.name, '管委会', ''), replace(b.name, '管委会', ''),
        b.name_en, '', 'provincial', b.id,
        (SELECT id FROM organisations_body WHERE kind = 'district' ORDER BY id LIMIT 1),
        '', '', true, b.position, false, '', ''
    FROM organisations_body b WHERE b.code LIKE 'BENCH\\_C%%'
    """,
    # indicators beyond the pack's own: copies of industrial value added
    """
    INSERT INTO indicators_indicator (code, name, name_en, initials, position, unit, unit_en,
        decimals, direction, frequency, value_mode, time_aggregation, place_aggregation,
        price_basis, is_headline, is_benchmark, responsible_id, compiler_id, origin)
    SELECT 'BENCH_' || n, '基准指标' || n, 'Bench indicator ' || n, '', 1000 + n, i.unit, i.unit_en,
        i.decimals, i.direction, i.frequency, i.value_mode, i.time_aggregation, i.place_aggregation,
        i.price_basis, false, false, i.responsible_id, i.compiler_id, i.origin
    FROM indicators_indicator i, generate_series(1, %(indicators)s) n
    WHERE i.code = 'IND_VA' AND n > (SELECT count(*) FROM indicators_indicator
        WHERE place_aggregation = 'sum' OR place_aggregation = 'weighted_ratio')
    """,
    # every one monthly, so that the number of values is the stated one
    """
    UPDATE indicators_indicator SET frequency = 'month'
    WHERE place_aggregation IN ('sum', 'weighted_ratio')
    """,
    """
    INSERT INTO indicators_indicatorversion (indicator_id, number, effective_from, definition,
        definition_en, denominator_scope, multiplier, is_break, verified, source, terms)
    SELECT i.id, 1, '2020-01-01', '', '', '', 1, false, false, '', '[]'
    FROM indicators_indicator i WHERE i.code LIKE 'BENCH\\_%%'
    """,
    # one series per indicator and zone, and one of all zones
    """
    INSERT INTO indicators_series (indicator_id, scope_kind, scope, zone_id, source)
    SELECT i.id, 'zone', z.code, z.id, '' FROM indicators_indicator i, organisations_zone z
    WHERE NOT i.is_benchmark AND i.place_aggregation IN ('sum', 'weighted_ratio')
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO indicators_series (indicator_id, scope_kind, scope, source)
    SELECT i.id, 'zones', 'EDZ', '' FROM indicators_indicator i
    WHERE NOT i.is_benchmark AND i.place_aggregation IN ('sum', 'weighted_ratio')
    ON CONFLICT DO NOTHING
    """,
    """
    CREATE TEMPORARY TABLE bench_months ON COMMIT DROP AS
    SELECT to_char(d, 'YYYY-MM') AS period,
        (d + interval '1 month' - interval '1 day')::date AS ends,
        extract(month FROM d)::int AS month, row_number() OVER (ORDER BY d) AS n
    FROM generate_series(date '2026-10-01' - make_interval(months => %(months)s - 1),
        date '2026-10-01', interval '1 month') d
    """,
    """
    CREATE TEMPORARY TABLE bench_series ON COMMIT DROP AS
    SELECT s.id, s.indicator_id, s.zone_id, s.scope, v.id AS version_id FROM indicators_series s
    JOIN indicators_indicatorversion v ON v.indicator_id = s.indicator_id AND v.number = 1
    WHERE s.scope_kind IN ('zone', 'zones') ORDER BY s.id
    """,
    # month after month, as returns come in: the figures of one series lie far apart
    """
    INSERT INTO indicators_valueevent (series_id, period, period_end, value, release, origin,
        definition_id, reason, inputs, recorded_at)
    SELECT s.id, m.period, m.ends, round((10 + s.id %% 97) * m.month * (1 + m.n * 0.004), 2),
        CASE WHEN m.period = '2026-09' AND s.id %% 20 = 0 THEN 'flash' ELSE 'final' END,
        'synthetic', s.version_id, '', CASE WHEN s.scope = 'EDZ' THEN
        jsonb_build_object('observed', %(zones)s, 'expected', %(zones)s) ELSE '{}'::jsonb END,
        m.ends + interval '11 days'
    FROM (SELECT * FROM bench_months ORDER BY n) m
    CROSS JOIN LATERAL (SELECT * FROM bench_series ORDER BY id) s
    """,
    # every twentieth figure of September was corrected in November
    """
    INSERT INTO indicators_valueevent (series_id, period, period_end, value, release, origin,
        definition_id, reason, inputs, recorded_at, is_revision)
    SELECT e.series_id, e.period, e.period_end, e.value + 1, 'final', e.origin, e.definition_id,
        '', e.inputs, '2026-11-12', true
    FROM indicators_valueevent e WHERE e.period = '2026-09' AND e.release = 'flash'
    """,
    """
    INSERT INTO indicators_currentvalue (series_id, indicator_id, zone_id, period, period_end,
        value, release, event_id, observed, expected)
    SELECT e.series_id, s.indicator_id, s.zone_id, e.period, e.period_end, e.value, e.release, e.id,
        (e.inputs->>'observed')::int, (e.inputs->>'expected')::int
    FROM indicators_valueevent e JOIN bench_series s ON s.id = e.series_id
    WHERE NOT (e.period = '2026-09' AND e.release = 'flash')
    """,
    """
    INSERT INTO indicators_trajectory (series_id, version, shape, base_period, base_value,
        base_origin, horizons, parameters, is_active, reason, created_at)
    SELECT s.id, 1, 'straight', '2025', 100, '', '[]', '{}', true, '', '2026-01-15'
    FROM indicators_series s WHERE s.scope_kind IN ('zone', 'zones')
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO indicators_trajectorypoint (trajectory_id, period, period_end, planned)
    SELECT t.id, m.period, m.ends, round((10 + t.series_id %% 89) * m.month * (1 + m.n * 0.004), 2)
    FROM indicators_trajectory t CROSS JOIN bench_months m
    WHERE m.period >= '2026-01' AND NOT EXISTS (SELECT 1 FROM indicators_trajectorypoint p
        WHERE p.trajectory_id = t.id)
    """,
    """
    INSERT INTO indicators_statusvoice (series_id, period, period_end, voice, light, distance,
        reason_code, details, reason, at)
    SELECT s.id, '2026-10', '2026-10-31', 'rule',
        (ARRAY['green', 'green', 'yellow', 'red'])[1 + s.id %% 4], 0, '', '{}', '', '2026-11-11'
    FROM indicators_series s WHERE s.scope_kind IN ('zone', 'zones')
    """,
)
