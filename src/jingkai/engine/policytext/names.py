"""Public short names of bodies: what official documents call whom.

`NATIONAL` pairs the short form the State Council uses in its own responsibility brackets with
every other public form. `STEMS` pairs the short stem of a local department with its other forms;
`市`, `省` and the like come before it, the kind of body (局, 委, 厅, 办) after it.

Reasons, by group: (a) full name and official short form stand side by side in the State Council's
list of its organs (国务院机构设置); (b) everyday forms are those of news and of brackets in
published documents; (c) forms of abolished organs stay, because older documents still in force
name them. An everyday form that two bodies share is not listed: it must be asked about.
"""

from __future__ import annotations

from typing import Final

_NATIONAL_TABLE: Final = """
国家发展改革委 国家发展和改革委员会 国家发改委 发展改革委 发改委
外交部
国防部
教育部
科技部 科学技术部
工业和信息化部 工信部 工业信息化部
国家民委 国家民族事务委员会
公安部
国家安全部 安全部
民政部
司法部
财政部
人力资源社会保障部 人力资源和社会保障部 人社部
自然资源部
生态环境部
住房城乡建设部 住房和城乡建设部 住建部
交通运输部
水利部
农业农村部
商务部
文化和旅游部 文旅部
国家卫生健康委 国家卫生健康委员会 国家卫健委 卫生健康委 卫健委
退役军人事务部 退役军人部
应急管理部 应急部
中国人民银行 人民银行 央行
审计署
国务院国资委 国务院国有资产监督管理委员会 国资委
海关总署 中华人民共和国海关总署
税务总局 国家税务总局
市场监管总局 国家市场监督管理总局 国家市场监管总局
金融监管总局 国家金融监督管理总局 国家金融监管总局
中国证监会 中国证券监督管理委员会 证监会
中国银保监会 银保监会 中国银行保险监督管理委员会
广电总局 国家广播电视总局
体育总局 国家体育总局
国家统计局 统计局
国家知识产权局 知识产权局
国家医保局 国家医疗保障局 医保局
国家国际发展合作署 国际发展合作署
国家信访局 信访局
国家粮食和储备局 国家粮食和物资储备局 粮食和储备局
国家能源局 能源局
国家数据局 数据局
国家国防科工局 国防科工局 国家国防科技工业局
国家烟草局 国家烟草专卖局 烟草局
国家移民局 国家移民管理局 移民局
国家林草局 国家林业和草原局 林草局
国家铁路局 铁路局
中国民航局 民航局 中国民用航空局
国家邮政局 邮政局
国家文物局 文物局
国家外汇局 国家外汇管理局 外汇局
国家药监局 国家药品监督管理局 药监局
国家疾控局 国家疾病预防控制局 疾控局
国家中医药局 国家中医药管理局 中医药局
国家矿山安监局 矿山安监局
国家消防救援局 消防救援局
国家乡村振兴局 乡村振兴局
国家机关事务管理局 国管局
中国气象局 气象局
中国地震局 地震局
中国科学院 中科院
中国工程院 工程院
中国社会科学院 社科院
中央组织部 中组部
中央宣传部 中宣部
中央统战部
中央政法委
中央编办 中央机构编制委员会办公室
中央网信办 中央网络安全和信息化委员会办公室 国家网信办 国家互联网信息办公室
中央金融办
中央社会工作部
中央财办
国务院港澳办
国务院台办 中央台办
国务院研究室
国务院办公厅
国务院
最高人民法院 最高法
最高人民检察院 最高检
全国总工会
共青团中央
全国妇联
全国工商联
中国科协
中国残联
中国贸促会 中国国际贸易促进委员会 贸促会
中国侨联
供销合作总社 中华全国供销合作总社
中国国家铁路集团有限公司 国铁集团 中国铁路
国家开发银行 开发银行
中国进出口银行 进出口银行
中国农业发展银行 农业发展银行 农发行
中国出口信用保险公司 出口信用保险公司 中国信保 中信保
国家电网有限公司 国家电网 国家电网公司
南方电网公司 中国南方电网有限责任公司 南方电网
国家标准委
国家认监委
国家版权局
国家新闻出版署
国家语委
国家档案局
国家密码局
国家保密局
"""
NATIONAL: Final[dict[str, str]] = {
    form: line.split()[0] for line in _NATIONAL_TABLE.split("\n") for form in line.split()
}
# Forms that a local department shares; national only in a national document.
AMBIGUOUS: Final = frozenset(
    form
    for form, official in NATIONAL.items()
    if form != official
    and not form.startswith(("国家", "中国", "中央", "全国", "国务院"))
    and form.endswith(("委", "局", "会"))
)

_STEM_TABLE: Final = """
发展改革 发展和改革 发改
教育
科技 科学技术
工业和信息化 工信 工业信息化
经济和信息化 经信
民族宗教 民宗 民族和宗教事务 民族宗教事务
公安
民政
司法
财政
人力资源社会保障 人力资源和社会保障 人社
自然资源
自然资源和规划 自规
规划和自然资源 规自 规划自然资源
生态环境
住房城乡建设 住房和城乡建设 住建 城乡建设
住房保障和房产管理
房产
城市管理 城管
城市管理综合执法
交通运输 交通
水利
水务
农业农村
商务
文化和旅游 文旅 文化旅游
文化广电和旅游 文广旅
文化体育和旅游
卫生健康 卫健
退役军人事务 退役军人
应急管理 应急
审计
外事
国资 国有资产监督管理
市场监管 市场监督管理 市监
地方金融监管 地方金融监督管理
体育
统计
医疗保障 医保
信访
数据 大数据 数据资源管理
政务服务 政务服务管理 行政审批服务 行政审批
政务服务和数据管理 政务和数据
知识产权
能源
林草 林业和草原
粮食和储备 粮食和物资储备
药监 药品监督管理
机关事务管理
投资促进
通信管理
税务
气象
邮政管理
消防救援
海事
海洋
公积金 住房公积金
乡村振兴
广电 广播电视
中小企业 中小企业发展
"""
STEMS: Final[dict[str, str]] = {
    form: line.split()[0] for line in _STEM_TABLE.split("\n") for form in line.split()
}
# Kind of body as written in full → as written in brackets.
KINDS: Final = {
    "委员会办公室": "委办",
    "管理委员会": "管委会",
    "委员会": "委",
    "办公室": "办",
    "人民政府": "政府",
}
# Mass organisations, which lists name without saying whose.
MASS: Final = frozenset(
    ["供销社", "残联", "妇联", "工商联", "总工会", "科协", "文联", "贸促会", "社科联", "侨联"]
)
LEVELS: Final = ("自治区", "自治州", "省", "市", "区", "县", "州", "盟", "旗", "兵团")

# What a body's name may end with. Longest first is not needed: any match will do.
_STRONG = """
部 委 局 厅 署 院 委员会 办公室 管委会 政府 海关 人民银行 分行 总社 总局 总署 法院 检察院 检察署
工商联 贸促会 总工会 团委 妇联 残联 科协 社科联 侨联 文联 供销社 联社 外办 编办 网信办 金融办
改革办 台办 侨办 党校 党委 党工委 工委 纪委 监委 支队 总队 大队 检查站 边检站 指挥部 领导小组
联席会议 专班 开发区 经开区 高新区 自贸区 综保区 新区 示范区 园区 行署 公署 街道办 银保监局
证监局 中心支行 支行 供电公司 有限公司 集团 总公司 公司 铁塔 兵团 军区 管理局 协会 商会 联合会
成员单位 各部门 各单位 部门 单位 地区 机构 小组 办 会 行 社 处 站 所 台 中心 学校 大学 学院
地方 调查队 实验室 联盟 博物馆 图书馆 展览馆 档案馆 林区 铁路 电网 港务 联通 移动 电信
"""
SUFFIXES: Final = tuple(sorted(set(_STRONG.split()), key=len, reverse=True))
# Enough to split "A和B" after A, and to take a bare list of names for a duty.
FIRM: Final = tuple(
    sorted(
        {
            "部",
            "委",
            "局",
            "厅",
            "署",
            "委员会",
            "办公室",
            "管委会",
            "政府",
            "海关",
            "分行",
            "总局",
            "总署",
            "法院",
            "检察院",
            "工商联",
            "贸促会",
            "总工会",
            "团委",
            "妇联",
            "残联",
            "科协",
            "外办",
            "编办",
            "网信办",
            "金融办",
            "改革办",
            "部门",
            "单位",
            "地区",
            "办",
            "公司",
            "集团",
            "银行",
            "人民银行",
            "领导小组",
            "党工委",
            "专班",
            "中心",
            "院",
            "会",
            "支队",
            "总队",
            "行署",
            "公署",
            "街道",
            "开发区",
            "园区",
            "新区",
            "兵团",
        },
        key=len,
        reverse=True,
    )
)
