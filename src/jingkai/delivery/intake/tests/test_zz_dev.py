import pytest
from collections import Counter
from jingkai.packs.public import load_pack
from jingkai.delivery.intake.tests.factories import *
from jingkai.delivery.intake.services import *
from jingkai.delivery.intake.models import *

@pytest.mark.django_db
def test_dev(settings):
    load_pack(settings.PACKS_DIR/'shenyang', now=NOW)
    me=office()
    import time; t=time.time()
    v=read(reference_text(), policy_code='shenyang', actor=me)
    for i in v.items.filter(title__in=['body_unknown','name_possible_misprint']): print(i.read)
    print('READ',time.time()-t)
    print(v.reading['counts'], [b for b in v.reading['bodies'] if not b['known']])
    print(v.state, [(s['key'],s['title'],s['end']-s['start']) for s in v.sections])
    for kind in ItemKind.values:
        items=list(v.items.filter(kind=kind))
        print(kind,len(items),'proposed',sum(bool(i.proposal) for i in items), 'sure', sum((i.likeness or 0)>=90 for i in items))
        for i in items:
            if kind in('target',): print('   ',i.read['place'],i.title,i.read['value'],i.read['year'],i.proposal,i.likeness, len(i.read['questions']))
            elif kind=='finding': print('   ',i.title,i.read['severity'],i.proposal,i.likeness)
            elif not i.proposal or i.likeness<90: print('   ',i.key,i.title,i.proposal,i.likeness)
            if kind=='clause' and i.proposal and i.proposal.replace('-','.')!=i.key: print('WRONG',i.key,i.proposal)
    for kind in ItemKind.values:
        if kind!='finding': print(kind, accept_all(version_id=v.pk, kind=kind, actor=me, now=NOW))
    for i in v.items.filter(state='pending').exclude(kind='finding'):
        if i.proposal: decide_item(item_id=i.pk, action='join', revision=None, actor=me, now=NOW)
        else:
            print('NOPROP', i.key, i.title); decide_item(item_id=i.pk, action='reject', reason='x', revision=None, actor=me, now=NOW)
    from jingkai.delivery.intake.services.publishing import check_publication
    c=check_publication(SourceVersion.objects.get(pk=v.pk))
    print(c.problems[:20], c.built.changed)
    from jingkai.delivery.intake.publisher import publisher
    base=publisher().base('shenyang')
    def diff(a,b,p=''):
        if type(a)!=type(b) and not (isinstance(a,(int,)) ): print(p,a,b); return
        if isinstance(a,dict):
            for k in {**a,**b}: 
                if a.get(k)!=b.get(k): diff(a.get(k),b.get(k),p+'.'+k)
        elif isinstance(a,list):
            for n in range(max(len(a),len(b))):
                x=a[n] if n<len(a) else None; y=b[n] if n<len(b) else None
                if x!=y: diff(x,y,p+f'[{n}]')
        elif a!=b: print(p,a,b)
    diff(base,c.files)
    v=publish_version(version_id=v.pk, actor=me, now=NOW)
    print(v.state,v.outcome)
    assert 0
