"""What the JSON twins of pages hold, as the OpenAPI description tells it: a module for each page, a closed record for each part of it.

The pages answer with plain JSON of this form; tests hold the two to each other against the real server. A field with a default may be left
out. Periods, dates and moments are texts in ISO form; shares are 0-1 unless a unit says otherwise.
"""
