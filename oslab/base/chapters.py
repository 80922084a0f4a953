"""Which notebook teaches which wing."""

__all__ = ["NOTEBOOKS"]

NOTEBOOKS = {
    "processes": "01_processes",
    "scheduling": "02_scheduling",
    "memory": "03_memory",
    "synchronization": "04_synchronization",
    "filesystems": "05_filesystems",
    "devices": "06_devices",
    "ai": "07_ai_workloads",
}
