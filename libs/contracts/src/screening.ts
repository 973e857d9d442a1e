// Facts of intake's instruments, need rules, screenings and needs, on intake's own topic.
export {};
