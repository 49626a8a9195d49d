import { createI18n } from "vue-i18n";
import accounts from "./en/accounts";
import common from "./en/common";
import executions from "./en/executions";
import flows from "./en/flows";
import logs from "./en/logs";

export const messages = { en: { accounts, common, executions, flows, logs } };
export const i18n = createI18n({ legacy: false, locale: "en", fallbackLocale: "en", messages });
