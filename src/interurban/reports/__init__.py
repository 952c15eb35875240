"""What leaves as a picture or a page to print: charts by one visual system."""
