#!/usr/bin/env bash
# What tests need from the system: a browser, and fonts of Chinese for it to compare with ours. Installed where that may be done.
set -u
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the tests of the site."
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0
fi
echo "The tests of the site in a browser are skipped: there is no Chromium. Install it with: sudo apt-get install chromium"
