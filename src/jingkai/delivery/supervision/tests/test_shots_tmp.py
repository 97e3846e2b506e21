from datetime import timedelta, datetime, date
from pathlib import Path
import pytest
from django.conf import settings as s
from django.utils import timezone
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.accounts.models import User
from jingkai.delivery.policy.models import Document
from jingkai.delivery.supervision import services, queries
from jingkai.delivery.supervision.clock import daily_tick
from jingkai.delivery.supervision.models import Obligation
from jingkai.masterdata.organisations.models import Body
from .factories import GROUND, evidence
from jingkai.packs.public import load_pack

@pytest.mark.django_db(transaction=True)
def test_shots(live_server, browser, settings, tmp_path):
    settings.FILES_DIR = tmp_path
    now = timezone.now()
    t0 = now - timedelta(days=60)
    office_body = Body
    load_pack(s.PACKS_DIR / "shenyang", actor=None, now=t0)
    ob = Body.objects.get(code__iexact="LEADING_GROUP_OFFICE")
    office = UserFactory(role=Role.OFFICE, body=ob, name="王办", username="office")
    leader = UserFactory(role=Role.LEADER, body=ob, name="李市长", username="leader")
    doc = Document.objects.first()
    print(services.register_obligations(document=doc, due_on=date(2028,12,31), actor=office, now=t0))
    shares = list(Obligation.objects.filter(kind="share").order_by("pk").select_related("body","task"))
    by = {}
    def ppl(b):
        if b.pk not in by:
            zone = b.kind in ("committee","district")
            by[b.pk] = (UserFactory(role=Role.ZONE_CLERK if zone else Role.DEPARTMENT_CLERK, body=b, name="赵明"), UserFactory(role=Role.ZONE_LEADER if zone else Role.DEPARTMENT_REVIEWER, body=b, name="钱审"))
        return by[b.pk]
    import time
    a=time.monotonic()
    services.issue_many(obligation_ids=[x.pk for x in shares if x.pk % 5], due_on=(now+timedelta(days=40)).date(), actor=office, now=t0, ground=GROUND)
    print("issue", len(shares), time.monotonic()-a)
    for i, x in enumerate(y for y in shares if y.pk % 5):
        if i > 150: break
        clerk, rev = ppl(x.body)
        if i % 9 == 0: continue
        if i % 11 == 0:
            services.dispute(obligation_id=x.pk, reason="该项职责按三定方案由其他部门承担", actor=rev, now=t0+timedelta(days=2), ground=GROUND); continue
        services.sign(obligation_id=x.pk, actor=rev, now=t0+timedelta(days=2), ground=GROUND)
        if i % 2: 
            r = services.report_progress(obligation_id=x.pk, progress=(i*7)%100, text="已完成实施方案编制并征求各区意见，正在组织首批项目申报。", next_step="下月启动评审", problems="个别项目用地手续滞后" if i%3 else "", evidence=[evidence(text=str(i))], actor=clerk, now=t0+timedelta(days=28), ground=GROUND)
            if i % 4 == 1: services.review_report(report_id=r.pk, accept=True, actor=rev, now=t0+timedelta(days=29), ground=GROUND)
        if i % 13 == 5:
            r = services.claim_completion(obligation_id=x.pk, text="全部完成", evidence=[evidence(text="x"+str(i))], actor=clerk, now=t0+timedelta(days=40), ground=GROUND)
            services.endorse_completion(report_id=r.pk, actor=rev, now=t0+timedelta(days=41))
            if i % 2: services.review_report(report_id=r.pk, accept=True, actor=office, now=t0+timedelta(days=42), ground=GROUND)
    services.record_meeting(title="第一次月度调度会", held_at=t0+timedelta(days=30), actor=office, now=now)
    a=time.monotonic(); rep = daily_tick(now=t0+timedelta(days=29), ground=GROUND); print("tick", rep.looked_at, time.monotonic()-a)
    daily_tick(now=now, ground=GROUND)
    red = Obligation.objects.filter(kind="share", state="active", light="red").first() or Obligation.objects.filter(kind="share", state="active").first()
    services.urge(obligation_id=red.pk, text="请抓紧报送进展", actor=office, now=now, ground=GROUND)
    done = Obligation.objects.filter(kind="share", state="completed").first()
    red_rev = ppl(red.body)
    services.request_extension(obligation_id=red.pk, to_date=red.due_on+timedelta(days=10), reason="项目招标流标，需重新组织", actor=red_rev[1], now=now, ground=GROUND)
    from django.test import Client
    from jingkai.core.accounts.tests.factories import signed_in
    def shot(user, path, name, width=1440):
        c = signed_in(user)
        ctx = browser.new_context(locale="zh-CN", viewport={"width": width, "height": 900})
        ctx.add_cookies([{"name":"sessionid","value":c.cookies["sessionid"].value,"url":live_server.url}])
        pg = ctx.new_page()
        errs=[]
        pg.on("console", lambda m: errs.append(m.text) if m.type=="error" else None)
        pg.goto(live_server.url+path); pg.wait_for_timeout(300)
        w = pg.evaluate("document.documentElement.scrollWidth")
        print(name, width, "scrollWidth", w, errs)
        pg.screenshot(path=f"/tmp/shots/{name}-{width}.png", full_page=False if width==1440 else True)
        ctx.close()
    Path("/tmp/shots").mkdir(exist_ok=True)
    b="/delivery/supervision/"
    n = red.task.number
    for w in (1440, 390):
        shot(office, b, "list", w); shot(office, b+"?kind=share", "shares", w); shot(office, b+f"tasks/{n}/", "task", w)
        shot(red_rev[0], b+f"obligations/{red.pk}/", "ob-clerk", w); shot(office, b+f"obligations/{red.pk}/", "ob-office", w)
        shot(office, b+"meetings/", "meetings", w); shot(office, b+"issue/", "issue", w); shot(office, b+"review/", "review-office", w)
        rv = next(p[1] for p in by.values() if queries.reports_to_review(p[1]))
        shot(rv, b+"review/", "review", w); shot(office, b+"board/", "board", w)
    shot(ppl(done.body)[1], b, "list-body", 390)
    import django.db
    for label, f in (("list", lambda: queries.rows_of(queries.obligations_for_list(user=office, filters=queries.Filters(kind="share"), today=now.date())[:50], user=office, today=now.date())), ("changes", lambda: queries.changes_since(t0+timedelta(days=30), user=office, until=now)), ("board", lambda: queries.body_board(user=office))):
        a=time.monotonic(); f(); print(label, round((time.monotonic()-a)*1000), "ms")
