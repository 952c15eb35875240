"""GTFS schedule feeds: a publisher's zip or folder becomes typed tables."""
