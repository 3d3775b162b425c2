"""What is tested and how it is judged; nothing here knows of browsers, drivers or Selenium."""
