"""racetrack's report: converts records, its only input, to tables, figures and one self-contained page."""
