import { WEBSOCKET_CLOSE_CODES } from "@bus/workers/websocket_worker";
import { contains as waitFor, mailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { advanceTime, runAllTimers } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    MockServer,
    models,
    mountView,
    onRpc,
    serverState,
} from "@web/../tests/web_test_helpers";

import { untilSubscribed } from "./whatsapp_omni_test_helpers";

describe.current.tags("desktop");

class Agent extends models.Model {
    _name = "whatsapp_omni.agent";

    name = fields.Char();
    state = fields.Char();
    load = fields.Float();

    _records = [
        { id: 1, name: "Ana", state: "paused", load: 1 },
        { id: 2, name: "Luis", state: "available", load: 0 },
    ];
}

/** Only who asks for the list of agents hears of it. */
class IrWebSocket extends mailModels.IrWebSocket {
    _build_bus_channel_list(channels) {
        const asked = [...super._build_bus_channel_list(channels)];
        const isList = asked.includes("whatsapp_omni.agents");
        return isList ? asked.concat(companies()) : asked;
    }
}
defineModels({ ...mailModels, Agent, IrWebSocket });

function companies() {
    const [{ id }] = serverState.companies;
    return MockServer.env["res.company"].search_read([["id", "=", id]]);
}

const LIST = `
    <list js_class="whatsapp_omni_agent_list">
        <field name="name"/>
        <field name="state"/>
        <field name="load"/>
    </list>`;
const KANBAN = `
    <kanban js_class="whatsapp_omni_agent_kanban">
        <templates><t t-name="card"><field name="name"/> <field name="state"/></t></templates>
    </kanban>`;

async function open(type, arch) {
    await mountView({ type, resModel: Agent._name, arch });
    await untilSubscribed("whatsapp_omni.agents");
    onRpc(Agent._name, "web_search_read", () => {
        expect.step("read");
    });
}

/** Change an agent, and let the server tell of it. */
function tell(id, values) {
    const { env } = MockServer;
    env["whatsapp_omni.agent"].write([id], values);
    env["bus.bus"]._sendone(companies()[0], "whatsapp_omni.agents_changed", {});
}

test("who looks at agents sees their states and loads follow", async () => {
    await open("list", LIST);
    tell(1, { state: "rona" });
    await waitFor(".o_data_row:first-child [name=state]", { text: "rona" });
    tell(2, { load: 3 });
    await waitFor(".o_data_row:nth-child(2) [name=load]", { text: "3.00" });
    expect.verifySteps(["read", "read"]);
});

test("cards follow, too; much news at once is read once", async () => {
    await open("kanban", KANBAN);
    tell(1, { state: "available" });
    tell(2, { state: "offline" });
    await waitFor(".o_kanban_record:contains(Luis)", { text: "offline" });
    expect.verifySteps(["read"]);
});

test("where there is always news, the list is read all the same", async () => {
    await open("list", LIST);
    for (let load = 1; load <= 3; load++) {
        tell(2, { load });
        await advanceTime(300);
    }
    expect.verifySteps(["read"]);
});

test("news do not take away what is selected", async () => {
    await open("list", LIST);
    await contains(".o_data_row:first-child .o_list_record_selector input").click();
    tell(1, { state: "rona" });
    await advanceTime(1000);
    expect.verifySteps([]);
    expect(".o_data_row_selected").toHaveCount(1);
});

test("what was told while the network was gone is read afterwards", async () => {
    await open("list", LIST);
    const { env } = MockServer;
    env["whatsapp_omni.agent"].write([1], { state: "rona" });
    env["bus.bus"]._simulateDisconnection(WEBSOCKET_CLOSE_CODES.ABNORMAL_CLOSURE);
    await runAllTimers();
    await waitFor(".o_data_row:first-child [name=state]", { text: "rona" });
    expect.verifySteps(["read"]);
});
