"""The web edition: the course as static pages in which every lab drags, without a server, a kernel or an install."""
