"""The thin web layer: the only part that knows Flask and WTForms."""
