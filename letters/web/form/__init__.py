"""What is asked of a person. Dependencies go one way: fields, questions, letter_form."""
