import js from "@eslint/js";
import globals from "globals";

const rules = {
    ...js.configs.recommended.rules,
    curly: "error",
    eqeqeq: ["error", "always", { null: "ignore" }],
    "no-console": ["error", { allow: ["warn", "error"] }],
    "no-else-return": "error",
    "no-eval": "error",
    "no-implied-eval": "error",
    "no-restricted-globals": ["error", "event", "self"],
    "no-restricted-syntax": [
        "error",
        {
            selector: "TemplateLiteral CallExpression[callee.name='_t']",
            message: "Odoo finds no text to translate inside a template literal.",
        },
    ],
    "no-shadow": "error",
    "no-throw-literal": "error",
    "no-unused-vars": ["error", { argsIgnorePattern: "^_", caughtErrors: "all" }],
    "no-var": "error",
    "object-shorthand": "error",
    "prefer-const": "error",
    "prefer-template": "error",
    complexity: ["error", 12],
    "max-depth": ["error", 3],
};

export default [
    { ignores: [".dev/**", "node_modules/**"] },
    {
        files: ["whatsapp_omni{,_crm}/static/**/*.js", "emulator/**/*.js"],
        languageOptions: {
            ecmaVersion: 2024,
            sourceType: "module",
            // luxon: Odoo loads it before every module
            globals: { ...globals.browser, luxon: "readonly" },
        },
        linterOptions: { reportUnusedDisableDirectives: "error" },
        rules,
    },
    {
        files: ["*.mjs"],
        languageOptions: { ecmaVersion: 2024, sourceType: "module" },
        rules,
    },
];
