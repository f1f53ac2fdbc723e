import pytest
from django.contrib.auth.models import Permission, User
from tests.catalog.factories import make_clip, make_recording, make_prompt, make_version
@pytest.fixture
def reader(db, client):
    user = User.objects.create_user("rita", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_clip","view_recording","view_prompt","view_promptversion","view_tool","view_agent"]))
    client.force_login(user)
    return client
def test_reader(reader): go("reader",reader)
def test_alice(alice): go("alice",alice)
def go(x,c):
    clip=make_clip(); make_recording(clip, text="Bye.")
    p=make_prompt(); make_version(p,"two")
    from catalog.models import Tool, Agent
    for n,u in {"clip":f"/admin/catalog/clip/{clip.pk}/change/","prompt":f"/admin/catalog/prompt/{p.pk}/change/","tools":"/admin/catalog/tool/","tool":f"/admin/catalog/tool/{Tool.objects.first().pk}/change/","agent":f"/admin/catalog/agent/{Agent.objects.first().pk}/change/","clips":"/admin/catalog/clip/"}.items():
        r=c.get(u); print(x,n,r.status_code)
        open(f"/tmp/h7_{x}_{n}.html","w").write(r.content.decode())
