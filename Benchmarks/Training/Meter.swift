import Foundation

/// CPU seconds of this process so far.
func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// CPU seconds that `body` takes.
func timed(_ body: () throws -> Void) rethrows -> Double {
    let start = cpuSeconds()
    try body()
    return cpuSeconds() - start
}

/// Megabytes of memory that `body` needs above what is held before it, as Linux counts resident pages.
func peakMegabytes(_ body: () throws -> Void) throws -> Double {
    // Freed memory that the allocator keeps would hide what the body needs.
    trimMemory()
    // Writing 5 sets the high-water mark back to what is resident now.
    try Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
    let before = try kilobytes("VmRSS")
    try body()
    return max(0, try kilobytes("VmHWM") - before) / 1024
}

/// glibc's malloc_trim, which Swift's module of it lacks.
private func trimMemory() {
    guard let symbol = dlsym(nil, "malloc_trim") else { return }
    _ = unsafeBitCast(symbol, to: (@convention(c) (Int) -> Int32).self)(0)
}

private func kilobytes(_ key: String) throws -> Double {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("\(key):") }
    return line.flatMap { $0.split(whereSeparator: { !$0.isNumber }).first }.flatMap { Double($0) } ?? 0
}

func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}
