"""What hears, translates and speaks: three small protocols, and one file for each engine behind them."""
