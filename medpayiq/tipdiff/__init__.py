"""What a branch changes on pages: tips and notes of two revisions side by side, as editors read them in a pull request."""
