"""Chapter 2's questions: the quiz, and the predictions before its labs."""
