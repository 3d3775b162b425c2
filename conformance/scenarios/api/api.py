"""Where the API of ports is, and where it is not. Claims CS1, EC8, NM1, OU2, OU3."""

from portolan.conformance.checks.checks import all_of
from portolan.conformance.language.play import Play, variant
from portolan.conformance.language.scenario import scenario


@scenario(claims=["CS1"])
def what_a_content_script_has_of_the_api(play: Play) -> None:
    """Content scripts can connect and be connected to, but not from outside, and not to applications."""
    play.background()
    page = play.page()
    with page.one_turn():
        for path in ("runtime.connect", "runtime.onConnect", "runtime.onConnectExternal", "runtime.connectNative"):
            page.looks_for(path)
    play.settle()

    play.expect(all_of(page.sees("runtime.connect"), page.sees("runtime.onConnect", "object")), says="CS1")
    play.expect(page.sees("runtime.onConnectExternal", "undefined"), says="CS1")
    play.expect_one_of(
        "connectNative() in content scripts",
        variant("is not there", page.sees("runtime.connectNative", "undefined"), says="CS1"),
        variant("is there, of no use", page.sees("runtime.connectNative")),
    )


@scenario(claims=["EC8"])
def what_a_web_page_has_of_the_api(play: Play) -> None:
    """A web page that externally_connectable names has runtime.connect(), or nothing to connect by."""
    play.background()
    page = play.page()
    with page.script.one_turn():
        page.script.looks_for("runtime.connect")
        page.script.looks_for("runtime.onConnect")
    play.settle()

    play.expect(
        page.script.sees("runtime.onConnect", "undefined"), because="web pages connect, and are not connected to"
    )
    play.expect_one_of(
        "what a web page has to connect by",
        variant("runtime.connect()", page.script.sees("runtime.connect")),
        variant("nothing", page.script.sees("runtime.connect", "undefined"), says="EC8"),
    )


@scenario(claims=["OU2", "OU3"])
def an_extension_without_the_permission_for_user_scripts(play: Play) -> None:
    """runtime.onUserScriptConnect in an extension that does not ask for user scripts."""
    peer = play.peer()
    with peer.one_turn():
        peer.looks_for("runtime.onConnect")
        peer.looks_for("runtime.onUserScriptConnect")
    play.settle()

    play.expect(peer.sees("runtime.onConnect", "object"))
    play.expect_one_of(
        "runtime.onUserScriptConnect without the permission",
        variant("is not there", peer.sees("runtime.onUserScriptConnect", "undefined"), says="OU2"),
        variant("is there all the same", peer.sees("runtime.onUserScriptConnect", "object"), says="OU3"),
    )


@scenario(claims=["NM1"])
def an_extension_without_the_permission_for_native_messaging(play: Play) -> None:
    """runtime.connectNative() is not there in an extension that does not ask for nativeMessaging."""
    background, peer = play.background(), play.peer()
    for extension in (background, peer):
        with extension.one_turn():
            extension.looks_for("runtime.connect")
            extension.looks_for("runtime.connectNative")
    play.settle()

    play.expect(all_of(background.sees("runtime.connect"), peer.sees("runtime.connect")))
    play.expect(
        all_of(background.sees("runtime.connectNative"), peer.sees("runtime.connectNative", "undefined")), says="NM1"
    )
