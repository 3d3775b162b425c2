"""Where the API of ports is, and where it is not. Claims CS1, EC8, NM1, OU2, OU3."""

from portolan import (
    Play,
    all_of,
    scenario,
    variant,
)


@scenario(claims=["CS1"])
def what_a_content_script_has_of_the_api(play: Play) -> None:
    """Content scripts can connect and be connected to, but not from outside, and not to applications."""
    play.background()
    page = play.page()
    with page.one_turn():
        for path in ("runtime.connect", "runtime.onConnect", "runtime.onConnectExternal", "runtime.connectNative"):
            page.probe(path)
    play.settle()

    play.expect(all_of(page.found("runtime.connect"), page.found("runtime.onConnect", "object")), claims="CS1")
    play.expect(page.found("runtime.onConnectExternal", "undefined"), claims="CS1")
    play.expect_one_of(
        "connectNative() in content scripts",
        variant("does-not-exist", page.found("runtime.connectNative", "undefined"), claims="CS1"),
        variant("exists-but-is-of-no-use", page.found("runtime.connectNative"), title="exists, but is of no use"),
    )


@scenario(claims=["EC8"])
def what_a_web_page_has_of_the_api(play: Play) -> None:
    """A web page that externally_connectable names has runtime.connect(), or nothing to connect by."""
    play.background()
    page = play.page()
    with page.script.one_turn():
        page.script.probe("runtime.connect")
        page.script.probe("runtime.onConnect")
    play.settle()

    play.expect(
        page.script.found("runtime.onConnect", "undefined"), because="web pages connect, and are not connected to"
    )
    play.expect_one_of(
        "what a web page has to connect by",
        variant("runtime-connect", page.script.found("runtime.connect"), title="runtime.connect()"),
        variant("nothing", page.script.found("runtime.connect", "undefined"), claims="EC8"),
    )


@scenario(claims=["OU2", "OU3"])
def an_extension_without_the_permission_for_user_scripts(play: Play) -> None:
    """runtime.onUserScriptConnect in an extension that does not ask for user scripts."""
    peer = play.peer()
    with peer.one_turn():
        peer.probe("runtime.onConnect")
        peer.probe("runtime.onUserScriptConnect")
    play.settle()

    play.expect(peer.found("runtime.onConnect", "object"))
    play.expect_one_of(
        "runtime.onUserScriptConnect without the permission",
        variant("does-not-exist", peer.found("runtime.onUserScriptConnect", "undefined"), claims="OU2"),
        variant("exists-all-the-same", peer.found("runtime.onUserScriptConnect", "object"), claims="OU3"),
    )


@scenario(claims=["NM1"])
def an_extension_without_the_permission_for_native_messaging(play: Play) -> None:
    """runtime.connectNative() is not there in an extension that does not ask for nativeMessaging."""
    background, peer = play.background(), play.peer()
    for extension in (background, peer):
        with extension.one_turn():
            extension.probe("runtime.connect")
            extension.probe("runtime.connectNative")
    play.settle()

    play.expect(all_of(background.found("runtime.connect"), peer.found("runtime.connect")))
    play.expect(
        all_of(background.found("runtime.connectNative"), peer.found("runtime.connectNative", "undefined")),
        claims="NM1",
    )
