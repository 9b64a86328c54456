"""Which promotions a cart gets (`offers`), its coupon (`coupons`), and their limits (`uses`)."""
