import { useEffect, useRef } from "@odoo/owl";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

/** Options may be made anew for each rendering: they are known by a key. */
const keyOf = (option) => option?.key ?? option?.id;

/**
 * Choose from a list without leaving the input that searches it: arrows choose, Enter
 * goes on. `useNavigation` of Odoo marks elements itself, here the state says what is
 * chosen. Keys that an input method needs to compose a word are left to it.
 *
 * @template {{key: any}|{id: any}} Option
 * @param {Object} list
 * @param {() => Option[]} list.options from top to bottom
 * @param {() => Option|undefined} list.chosen
 * @param {(option: Option) => void} list.choose
 * @param {() => void} list.confirm called by Enter
 * @param {string} [list.refName] what holds the list: there the chosen one stays in sight
 * @returns {(ev: KeyboardEvent) => void} to be called for keys pressed in the input
 */
export function useOptionList({ options, chosen, choose, confirm, refName = "list" }) {
    const ref = useRef(refName);
    useEffect(
        () => {
            const option = ref.el?.querySelector("[aria-selected='true']");
            option?.scrollIntoView({ block: "nearest" });
        },
        () => [keyOf(chosen())]
    );

    function move(step) {
        const listed = options();
        if (!listed.length) {
            return;
        }
        const index = listed.findIndex((option) => keyOf(option) === keyOf(chosen()));
        const next = index === -1 && step === -1 ? listed.length - 1 : index + step;
        choose(listed[Math.max(0, Math.min(listed.length - 1, next))]);
    }

    return (ev) => {
        if (ev.isComposing || !(ev.key in STEPS || ev.key === "Enter")) {
            return;
        }
        if (ev.key === "Enter") {
            confirm();
        } else {
            move(STEPS[ev.key]);
        }
        ev.preventDefault();
        ev.stopPropagation();
    };
}
