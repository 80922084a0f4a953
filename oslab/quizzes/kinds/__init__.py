"""The kinds of question: one answer, several, an order, a match, a number, words of one's own."""
