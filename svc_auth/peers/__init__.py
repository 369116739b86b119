"""What is outside of this service's database: Redis, the key files, and slow hashing."""
