import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Processor, memory and limits of this machine, and what they mean for a run.
struct DoctorMachine {
    /// Instructions that make a difference, as `/proc/cpuinfo` calls them.
    private static let features = ["avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd"]

    /// Where the system tells of itself; another folder in tests.
    var root = ""
    var workers = ProcessInfo.processInfo.activeProcessorCount

    private func text(_ path: String) -> String? { DoctorProgram.text(root + path) }

    func lines() -> [DoctorReport.Line] { [processor(), memory()] + Self.limits() }

    func processor() -> DoctorReport.Line {
        let facts = text("/proc/cpuinfo") ?? ""
        func value(_ names: String...) -> Substring? {
            facts.split(separator: "\n").first { line in names.contains { line.hasPrefix($0) } }?
                .split(separator: ":", maxSplits: 1).last
        }
        let model = value("model name", "CPU part")?.trimmingCharacters(in: .whitespaces) ?? "unknown"
        let flags = Set((value("flags", "Features") ?? "").split(separator: " ").map(String.init))
        let own = Self.features.filter(flags.contains)
        let quota = cpuQuota.map { ", of which its control group may use \($0)" } ?? ""
        let text =
            "\(model), \(workers) thread(s)\(quota); \(own.isEmpty ? "no vector instructions" : own.joined(separator: " "))"
        if let cpuQuota, cpuQuota + 0.5 < Double(workers) {
            return .warn("processor", text, fix: "give --workers \(max(1, Int(cpuQuota)))")
        }
        guard flags.contains("avx2") || flags.contains("asimd") else {
            return .warn(
                "processor",
                text,
                fix: "networks compute several times slower than with AVX2; use another machine for them"
            )
        }
        return .ok("processor", text)
    }

    /// Cores; nil where there is no quota.
    private var cpuQuota: Double? {
        for folder in controlGroups {
            let words = (text("\(folder)/cpu.max") ?? "").split(whereSeparator: \.isWhitespace)
            if words.count == 2, let part = Double(words[0]), let whole = Double(words[1]), whole > 0 {
                return (part / whole * 10).rounded() / 10
            }
        }
        return nil
    }

    /// The folders that limit this process, from its own up (cgroup v2).
    private var controlGroups: [String] {
        let line = (text("/proc/self/cgroup") ?? "").split(separator: "\n").first { $0.hasPrefix("0::") }
        var names = (line?.dropFirst(3) ?? "").split(separator: "/").map(String.init)
        var folders: [String] = []
        while !names.isEmpty {
            folders.append("/sys/fs/cgroup/" + names.joined(separator: "/"))
            names.removeLast()
        }
        return folders + ["/sys/fs/cgroup"]
    }

    /// Bytes of memory that a worker of a large slide has been seen to use, with room.
    private static let perWorker = 400 << 20

    func memory() -> DoctorReport.Line {
        func bytes(_ name: String) -> Int? {
            (text("/proc/meminfo") ?? "").split(separator: "\n").first { $0.hasPrefix(name + ":") }?
                .split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
                .flatMap { $0.multipliedReportingOverflow(by: 1024).overflow ? nil : $0 * 1024 }
        }
        guard let all = bytes("MemTotal"), let free = bytes("MemAvailable") else {
            return .warn("memory", "the system does not tell how much there is", fix: "look at /proc/meminfo")
        }
        let limits = controlGroups.compactMap {
            text("\($0)/memory.max").flatMap { Int($0.trimmingCharacters(in: .newlines)) }
        }
        // Of version 1 of control groups; a number beyond all memory stands for none.
        let older = text("/sys/fs/cgroup/memory/memory.limit_in_bytes")
            .flatMap { Int($0.trimmingCharacters(in: .newlines)) }
        let limit = (limits + [older].compactMap(\.self)).min().flatMap { $0 < all ? $0 : nil }
        let usable = min(free, limit ?? free)
        let shown =
            "\(DoctorFolders.size(all)), \(DoctorFolders.size(free)) free"
            + (limit.map { "; the control group allows \(DoctorFolders.size($0))" } ?? "")
        let fitting = usable / Self.perWorker
        if usable < 512 << 20 {
            return .down(
                "memory",
                shown,
                fix: "512 MB are the least for one worker; end other programs, or raise the limit"
            )
        }
        if fitting < workers {
            return .warn("memory", shown, fix: "\(workers) workers may want more; give --workers \(max(1, fitting))")
        }
        return .ok("memory", shown)
    }

    /// What the system permits a process.
    static func limits() -> [DoctorReport.Line] {
        func limit(_ kind: __rlimit_resource) -> UInt64? {
            var limit = rlimit()
            guard getrlimit(__rlimit_resource_t(kind.rawValue), &limit) == 0 else { return nil }
            // RLIM_INFINITY, which Swift cannot import.
            return limit.rlim_cur == rlim_t.max ? nil : UInt64(limit.rlim_cur)
        }
        func shown(_ limit: UInt64?, _ unit: (UInt64) -> String) -> String { limit.map(unit) ?? "unlimited" }
        let (files, processes) = (limit(RLIMIT_NOFILE), limit(__RLIMIT_NPROC))
        let (space, size) = (limit(RLIMIT_AS), limit(RLIMIT_FSIZE))
        func bytes(_ count: UInt64) -> String { DoctorFolders.size(Int(clamping: count)) }
        let text =
            "\(shown(files) { "\($0)" }) open files, \(shown(processes) { "\($0)" }) processes, "
            + "address space \(shown(space, bytes)), size of a file \(shown(size, bytes))"
        if let files, files < 256 { return [.fail("limits", text, fix: "ulimit -n 1024")] }
        // Workers set themselves 2 GB.
        if let space, space < 2 << 30 {
            return [.fail("limits", text, fix: "ulimit -v unlimited; a worker wants 2 GB of address space")]
        }
        if let space, space < 16 << 30 {
            return [.warn("limits", text, fix: "ulimit -v unlimited; LibTorch may want more address space")]
        }
        if let size {
            return [.warn("limits", text, fix: "ulimit -f unlimited; files over \(bytes(size)) cannot be written")]
        }
        if let files, files < 1024 { return [.warn("limits", text, fix: "ulimit -n 1024")] }
        if let processes, processes < 256 { return [.warn("limits", text, fix: "ulimit -u 4096")] }
        return [.ok("limits", text)]
    }
}
