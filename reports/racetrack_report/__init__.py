"""racetrack's report: records (the only input) to tables, figures and one self-contained page."""
