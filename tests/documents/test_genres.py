"""Kinds of documents besides opinions: yearly work plans, task tables, five-year plans …"""

from __future__ import annotations

import pytest

from jingkai.engine.policytext import Reading, parse_policy

from .scoring import SIGN, target_line


def _read(*lines: str) -> Reading:
    return parse_policy("\n".join(lines))


def _targets(reading: Reading) -> list[str]:
    return [target_line(t, based=False) for t in reading.targets]


def _brackets(reading: Reading) -> list[str]:
    return [
        " ".join(b.name + SIGN[b.role] for b in c.bodies)
        for m in reading.measures
        for c in m.clauses
        if c.bodies
    ]


def test_a_year_s_work_plan_dates_all_its_goals() -> None:
    said = _read(
        "演示省人民政府关于2026年重点工作及责任分解的通知",
        "演政〔2026〕10号",
        "一、主要预期目标",
        "1﹒生产总值增长7%以上。",
        "牵头负责领导：张某。",
        "牵头责任单位：省发展改革委。",
        "协同责任单位：各市人民政府等。",
        "2﹒粮食产量稳定在80亿斤以上，2027年达到85亿斤。",
        "牵头责任单位：省农业农村厅。",
        "协同责任单位：省粮食和储备局。",
    )

    assert _targets(said) == [
        "生产总值 | 7 | % | 2026",
        "粮食产量 | 80 | 亿斤 | 2026",
        "粮食产量 | 85 | 亿斤 | 2027",
    ]
    assert _brackets(said) == ["省发展改革委* 各市人民政府+", "省农业农村厅* 省粮食和储备局+"]


def test_a_part_s_heading_gives_its_year() -> None:
    said = _read(
        "演示市关于重点工作分工的意见",
        "演政发〔2026〕8号",
        "一、2026年总体要求和主要预期目标",
        "（一）生产总值增长5%左右，赤字率拟按3%安排，专项债券39亿元、比上年增加10亿元。（市财政局牵头）",
        "二、扩大需求",
        "（二）扩大投资。投资规模100亿元。（市商务局负责）",
    )

    assert _targets(said)[:2] == ["生产总值 | 5 | % | 2026", "赤字率 | 3 | % | 2026"]
    assert [t.base_year for t in said.targets if t.value == 10] == [2025]
    assert all(t.place == "measure:1" for t in said.targets)


def test_a_plan_s_last_year_is_due_for_its_goals_alone() -> None:
    said = _read(
        "演示市“十五五”开放发展规划",
        "一、主要目标",
        "常住人口城镇化率达到65%，研发投入年均增长10%以上。",
        "二、主要任务",
        "（一）开放。建成10个平台。（市商务局负责）",
    )

    assert [(t.indicator, t.year, t.first_year) for t in said.targets] == [
        ("常住人口城镇化率", 2030, 2026),
        ("研发投入", 2030, 2026),
    ]


def test_the_column_of_a_plan_s_base_year_is_no_promise() -> None:
    said = _read(
        "“十五五”开放发展规划",
        "主要指标",
        "指标 | 2025年基期值 | 2030年目标值 | 年均增速〔累计〕 | 属性",
        "覆盖率（%） | 54 | 60 | 〔6〕 | 约束性",
        "单位能耗降低（%） | — | 〔14〕 | — | 约束性",
        "投资（亿元） | 8 | 30左右 | 2.8% | 预期性",
    )

    assert _targets(said) == [
        "覆盖率 | 60 | % | 2030",
        "覆盖率 | 6 | 个百分点 | 2030",
        "单位能耗降低 | 14 | % | 2030",
        "投资 | 30 | 亿元 | 2030",
        "投资 | 2.8 | % | 2030",
    ]
    assert [str(t.kind) for t in said.targets][1:3] == ["growth", "reduction"]
    assert str(said.targets[3].comparator) == "about"


def test_lines_that_name_no_body_belong_to_the_duty_before() -> None:
    said = _read(
        "一、任务",
        "1. 提升能级",
        "优化园区布局。",
        "牵头单位：市商务局",
        "责任单位：市财政局、各区县（市）人民政府",
        "完成时限：2026年底前",
        "2. 招大引强",
        "引进重大项目。",
        "牵头单位：市招商局（市投资促进中心）",
        "完成时限：长期",
    )

    assert _brackets(said) == [
        "市商务局* 市财政局 各区县(市)人民政府",
        "市招商局(市投资促进中心)*",
    ]
    assert [c.deadline for m in said.measures for c in m.clauses] == ["2026年底前", "长期"]


def test_a_table_of_contents_with_pages_and_page_numbers() -> None:
    said = _read(
        "目    录",
        "一、总体要求\t1",
        "（一）目标\t2",
        "二、主要任务\t3",
        "附件：指标表\t9",
        "— 1 —",
        "演示省制造业发展实施方案",
        "演政办发〔2026〕12号",
        "一、总体要求",
        "（一）目标。到2028年，产值达到30亿元。",
        "— 2 —",
        "二、主要任务",
        "（一）壮大产业。建设集群。（省商务厅负责）",
        "第 3 页 共 9 页",
    )

    assert said.title == "演示省制造业发展实施方案"
    assert [p.title for p in said.parts] == ["总体要求", "主要任务"]
    assert [m.title for m in said.measures] == ["壮大产业"]
    assert said.measures[0].clauses[-1].bodies


def test_contents_without_pages_before_chapters() -> None:
    chapters = ("第一章  总则", "第二章  管理", "第三章  附则")
    said = _read(
        "演示市开发区管理办法",
        "目  录",
        *chapters,
        chapters[0],
        "第一条  为规范管理，制定本办法。",
        chapters[1],
        "第二条  管委会负责日常管理。",
        "第三条  园区实行考核。",
        chapters[2],
        "第四条  本办法由市商务局负责解释。",
    )

    assert [p.title for p in said.parts] == ["总则", "管理", "附则"]
    assert [m.printed for m in said.measures] == ["第二条", "第三条"]


def test_a_chapter_that_only_holds_sections_is_no_measure() -> None:
    said = _read(
        "演示省规划", "第一章 夯实基础", "本章写两件事。", "第一节 稳定面积", "稳定播种面积。",
        "第二节 加强建设", "建设农田。",
    )  # fmt: skip

    assert [m.title for m in said.measures] == ["稳定面积", "加强建设"]


def test_markdown_marks_are_no_words() -> None:
    said = _read(
        "# 演示市三年行动计划（2026—2028年）",
        "> 演府办〔2026〕66号",
        "## 一、行动目标",
        "产值达到5万亿元。",
        "---",
        "## 二、重点任务",
        "### （一）集群行动",
        "**1. 做强产业。** 支持主导产业。（责任单位：市商务局）",
        "**2\\. 培育产业。** 支持未来产业。（责任单位：**市科技局**）",
    )

    assert (said.title, said.number) == (
        "演示市三年行动计划(2026—2028年)",
        "演府办〔2026〕66号",
    )
    assert [m.title for m in said.measures] == ["集群行动"]
    assert _brackets(said) == ["市商务局", "市科技局"]
    assert _targets(said) == ["产值 | 5 | 万亿元 | 2028"]


def test_a_part_that_is_one_measure_says_its_targets_once() -> None:
    said = _read(
        "一、目标", "提升水平。", "二、创新", "到2028年，研发机构达到70家。", "责任单位：市科技局",
        "三、开放", "扩大开放。", "责任单位：市商务局",
    )  # fmt: skip

    assert _targets(said) == ["研发机构 | 70 | 家 | 2028"]


GOALS = (
    "演示县2026年《政府工作报告》目标任务分解表",
    "序号\t目标任务\t年度目标\t分管领导\t牵头单位\t责任单位\t完成时限",
    "一\t综合目标",
    "1\t城镇、农村居民收入\t分别增长7%、8%\t陈某\t县人社局\t各乡镇、开发区\t12月底前",
    "2\t新签约项目\t100个，其中10亿元以上项目不少于8个\t李某\t县商务局\t无\t全年",
    "二\t工业强县",
    "3\t新增高新技术企业\t20家，净增10家以上\t李某\t县科技局\t县税务局\t2027年6月",
)


def test_a_table_of_a_year_s_goals() -> None:
    said = _read(*GOALS)

    assert [(t.group, t.number, t.title) for t in said.tasks] == [
        ("一", 1, "城镇、农村居民收入"),
        ("一", 2, "新签约项目"),
        ("二", 3, "新增高新技术企业"),
    ]
    assert [" ".join(b.name + SIGN[b.role] for b in t.bodies) for t in said.tasks] == [
        "县人社局* 各乡镇 开发区",
        "县商务局*",
        "县科技局* 县税务局",
    ]
    assert _targets(said) == [
        "城镇居民收入 | 7 | % | 2026",
        "农村居民收入 | 8 | % | 2026",
        "新签约项目 | 100 | 个 | 2026",
        "10亿元以上项目 | 8 | 个 | 2026",
        "新增高新技术企业 | 20 | 家 | 2027",
        "净增高新技术企业 | 10 | 家 | 2027",
    ]


def test_a_column_of_groups_before_one_of_tasks() -> None:
    said = _read(
        "演示市任务分工表",
        "| 序号 | 工作方向 | 重点任务 | 牵头单位 | 配合单位 | 完成时限 |",
        "| --- | --- | --- | --- | --- | --- |",
        "| 1 | 产业链 | 招引1—2家龙头企业。 | 市商务局 | 市财政局 | 2026年12月 |",
        "| 2 |  | 遴选优秀企业20家。 | 市商务局 | 无 | 2026年6月 |",
        "| 3 | 生态 | 完善服务。 | 市科技局 | 演示实验室 | 持续推进 |",
    )

    assert [(t.group_title, t.title) for t in said.tasks] == [
        ("产业链", "招引1—2家龙头企业。"),
        ("产业链", "遴选优秀企业20家。"),
        ("生态", "完善服务。"),
    ]
    assert [[b.name for b in t.bodies] for t in said.tasks][2] == ["市科技局", "演示实验室"]
    assert _targets(said) == ["龙头企业 | 1 | 家 | 2026", "优秀企业 | 20 | 家 | 2026"]


@pytest.mark.parametrize("merged", [(), ("",)], ids=["no cell", "an empty cell"])
def test_a_task_merged_over_two_numbered_rows(merged: tuple[str, ...]) -> None:
    rows = [
        ("序号", "重点任务", "牵头单位", "完成时限"),
        ("1", "建设集群", "市商务局", "2026年底"),
        ("2", *merged, "市科技局", "2027年"),
    ]
    said = _read("演示市任务分工表", *("\t".join(row) for row in rows))

    assert [(t.number, t.title, t.bodies[0].name, t.deadline) for t in said.tasks] == [
        (1, "建设集群", "市商务局", "2026年底"),
        (2, "建设集群", "市科技局", "2027年"),
    ]


PROSE = {
    "由市商务局牵头，市统计局、市自然资源和规划局配合组织实施。": (
        "市商务局* 市统计局+ 市自然资源和规划局+"
    ),
    "考核由省商务厅牵头，省科技厅、省统计局等部门按照职责分工共同实施。": (
        "省商务厅* 省科技厅 省统计局"
    ),
    "省商务厅会同省科技厅负责开发区的指导和服务工作。": "省商务厅* 省科技厅+",
    "市商务局负责考核；市财政局会同市审计局制定资金办法。": "市财政局* 市审计局+",
    "自由贸易试验区管委会牵头建立机制。": "自由贸易试验区管委会*",
    "建立由市商务局牵头的联席会议制度。": "",
    "支持龙头企业牵头组建创新联合体。": "",
    "鼓励高校会同企业开展攻关。": "",
    "市商务局负责日常管理。": "",
}


@pytest.mark.parametrize("sentence", PROSE)
def test_leads_that_running_text_names(sentence: str) -> None:
    said = _read("第一章 管理", "第一条 甲甲。", f"第二条 {sentence}", "第三条 乙乙。")

    assert " ".join(_brackets(said)) == PROSE[sentence]
    assert said.brackets == 0


def test_a_heading_cut_from_its_sentence_stays_in_the_clause() -> None:
    said = _read(
        "一、任务", "1.聚焦重大工程、重大战略，依托平台梳理项目，常态化推介。（市商务局负责）"
    )

    assert said.measures[0].clauses[0].text.startswith("聚焦重大工程、重大战略,依托平台")


def test_a_fresh_comparison_with_last_year_is_a_goal_only_of_a_plan() -> None:
    plan = _read(
        "演示区2026年招商工作方案", "一、工作目标", "到位资金同比增长15%，签约率达80%。",
        "二、任务", "（一）招商。推进。（商务局负责）",
    )  # fmt: skip
    news = _read(
        "一、情况", "2026年上半年，到位资金同比增长15%。", "二、任务", "（一）招商。推进。"
    )

    assert _targets(plan) == ["到位资金 | 15 | % | 2026", "签约率 | 80 | % | 2026"]
    assert _targets(news) == []


def test_joint_issuers_keep_their_names_apart() -> None:
    one = _read(
        "商务部 财政部 税务总局关于印发方案的通知", "商资发〔2026〕8号", "一、任务", "推进。"
    )
    two = _read(
        "商务部", "财政部", "关于印发演示方案的通知", "商资发〔2026〕8号", "一、任务", "推进。"
    )

    assert one.issuer == "商务部 财政部 税务总局"
    assert two.issuer == "商务部 财政部"
