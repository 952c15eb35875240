"""What vehicles did on a service day: positions and predictions become trips performed and stop visits, in steps of set-based expressions.

One step per file, in this order: `clean`, `vehicle_trips`, `match`, `stop_facts` (with `split_runs` for what is out of order and `layovers`
for who names no trip), `join_runs`, `status_visits`, `predicted_times`, `trip_update_visits`, `merge`, `stop_visits`, `wrong_numbers`,
`trips_performed`.
"""

METHOD_VERSION = 7
"""Of the whole method; a partition made by another version is made anew."""
