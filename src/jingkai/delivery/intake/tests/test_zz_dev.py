import pytest
from jingkai.delivery.intake.tests.factories import *
from jingkai.delivery.intake.services import *
from jingkai.delivery.intake.models import *
from jingkai.delivery.policy.models import Document, Clause
from jingkai.masterdata.organisations.tests.factories import BodyFactory
from jingkai.core.accounts.tests.factories import signed_in
from jingkai.delivery.intake.services.publishing import check_publication

@pytest.mark.django_db
def test_dev(settings):
    me=office(); b=BodyFactory(code='GOV',name='市政府')
    v=read(docx(SYNTHETIC), name='a.docx', actor=me) if 0 else read(SYNTHETIC,actor=me)
    for i in v.items.all(): print(i.kind,i.key,i.title,i.read.get('questions'),i.proposal,i.likeness, i.read if i.kind in('target','clause','body') else '')
    for kind in ItemKind.values:
        if kind!='finding': print(kind, accept_all(version_id=v.pk, kind=kind, actor=me, now=NOW))
    for i in v.items.filter(state='pending').exclude(kind='finding'):
        decide_item(item_id=i.pk, action='accept', revision=None, actor=me, now=NOW)
    v.publication={'code':'ceshi','city':'210200','approved_by':'GOV','coordinator':'GOV','title_en':'Test measures'}
    v.save()
    c=check_publication(SourceVersion.objects.get(pk=v.pk))
    for p in c.problems: print(p)


    v=publish_version(version_id=v.pk, actor=me, now=NOW)
    print(v.state,v.outcome)
    cl=signed_in(me)
    for u in ['/delivery/documents/',f'/delivery/documents/versions/{v.pk}/',f'/delivery/documents/versions/{v.pk}/publish/',f'/delivery/documents/items/{v.items.filter(kind="target").first().pk}/','/delivery/policy/','/delivery/policy/?document=ceshi','/delivery/policy/measures/1/?document=ceshi', f'/delivery/policy/sentences/clause/{Clause.objects.first().code}/']:
        r=cl.get(u); print(u,r.status_code)
        assert r.status_code==200
    assert 0
