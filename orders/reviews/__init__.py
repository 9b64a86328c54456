"""Reviews by those who bought.

`writing` and `erasing` are what an author does, `moderation` what staff do, `voting` what other
buyers do. All of them change a review's state through `states`, which keeps the rating of its
product right. `showing` reads, `asking` sends the one mail that asks for a review.
"""
