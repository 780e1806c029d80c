"""Thin assets, checks, jobs, schedules and sensors, a package a stage: each reads, calls lib, writes, reports."""
