"""Speaks with `hoist mcp` as an agent does, by the protocol's own client for Python: scripts/test-agents runs it.

The uploads go to the sandbox. The arguments: the program, and a folder with samples.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile

from mcp import Client, StdioServerParameters
from mcp_types import ElicitResult

HOIST, SAMPLES = sys.argv[1:3]
HOME, ALLOWED, OTHER = (tempfile.mkdtemp() for _ in range(3))
ENVIRONMENT = {"HOIST_HOME": HOME, "PATH": os.environ["PATH"]}
SERVER = StdioServerParameters(command=HOIST, args=["--sandbox", "mcp"], env=ENVIRONMENT)
NAMES = ["cover.png", "photo.jpg", "poster.webp"]


def hoist(*arguments):
    command = [HOIST, "--sandbox", *arguments]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True).stdout


def text_of(result):
    return "".join(block.text for block in result.content if block.type == "text")


async def session(mode):
    """The version of the protocol that both know, and the one that every server knows."""
    async with Client(SERVER, mode=mode) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert list(tools) == ["upload", "check_files", "list_destinations", "search_history", "get_upload"]
        assert not tools["upload"].annotations.read_only_hint and tools["check_files"].annotations.read_only_hint

        paths = [os.path.join(ALLOWED, name) for name in NAMES]
        refused = await client.call_tool("upload", {"paths": paths[:1], "to": "google-flow"})
        assert refused.is_error and "hoist mcp allow" in text_of(refused), text_of(refused)

        hoist("mcp", "allow", ALLOWED, "--to", "google-flow")
        steps = []

        async def progress(done, total, message):
            steps.append(done)

        arguments = {"paths": paths, "to": "google-flow", "account": "jane@example.com"}
        sent = await client.call_tool("upload", arguments, progress_callback=progress)
        uploads = sent.structured_content["uploads"]
        assert [upload["state"] for upload in uploads] == ["done"] * 3, uploads
        assert steps and steps == sorted(steps), steps

        again = await client.call_tool("upload", arguments)
        assert [u["id"] for u in again.structured_content["uploads"]] == [u["id"] for u in uploads]
        found = await client.call_tool("search_history", {"query": "cover"})
        assert len(found.structured_content["uploads"]) == 1, found.structured_content
        one = await client.call_tool("get_upload", {"id": uploads[0]["id"]})
        assert one.structured_content["upload"]["agent"], one.structured_content
        hoist("mcp", "forbid", ALLOWED)
        hoist("history", "clear", "--yes")

        # A call that is given up is cancelled, and the server goes on.
        with open(os.path.join(ALLOWED, "large.png"), "wb") as large, open(paths[0], "rb") as cover:
            large.write(cover.read() + os.urandom(15_000_000))
        hoist("mcp", "allow", ALLOWED)
        call = asyncio.create_task(client.call_tool("upload", {"paths": [large.name], "to": "google-flow"}))
        await asyncio.sleep(0.05)
        call.cancel()
        try:
            await call
        except asyncio.CancelledError:
            pass
        assert (await client.call_tool("list_destinations", {})).structured_content["destinations"]
        hoist("mcp", "forbid", ALLOWED)
        hoist("history", "clear", "--yes")


async def asked(mode):
    """A client that can ask lets the person decide about a file elsewhere."""
    questions = []

    async def person(context, question):
        questions.append(question)
        return ElicitResult(action="accept", content={"allow": "once"})

    async with Client(SERVER, mode=mode, elicitation_callback=person) as client:
        path = os.path.join(OTHER, "cover.png")
        sent = await client.call_tool("upload", {"paths": [path], "to": "google-flow"})
        assert sent.structured_content["uploads"][0]["state"] == "done", sent
        assert len(questions) == 1, questions
    assert not hoist("mcp", "allowed").strip(), "once is not for good"
    hoist("history", "clear", "--yes")


def main():
    for name in NAMES:
        shutil.copy(os.path.join(SAMPLES, name), ALLOWED)
    shutil.copy(os.path.join(SAMPLES, "cover.png"), OTHER)
    for mode in ["auto", "legacy"]:
        asyncio.run(session(mode))
        asyncio.run(asked(mode))
        print(f"test-agents: {mode}: ok")
    for folder in [HOME, ALLOWED, OTHER]:
        shutil.rmtree(folder)


main()
