import Foundation
import Records

#if canImport(Glibc)
    import Glibc
#endif

/// Processor, memory and limits of this machine, and what they mean for a run.
struct DoctorMachine {
    /// Instructions that make a difference, as `/proc/cpuinfo` calls them.
    private static let features = ["avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd"]

    /// Where the system tells of itself; another folder in tests.
    var root = ""
    var environment = ProcessInfo.processInfo.environment
    /// Processors of the machine, whoever may use them.
    var threads = max(1, sysconf(Int32(_SC_NPROCESSORS_CONF)))

    private func text(_ path: String) -> String? { DoctorProgram.text(root + path) }

    private var share: MachineShare { MachineShare(root: root, environment: environment, threads: threads) }

    func lines() async -> [DoctorReport.Line] { [processor(), memory()] + Self.limits() + (await job()) }

    func processor() -> DoctorReport.Line {
        let facts = text("/proc/cpuinfo") ?? ""
        func value(_ names: String...) -> Substring? {
            facts.split(separator: "\n").first { line in names.contains { line.hasPrefix($0) } }?
                .split(separator: ":", maxSplits: 1).last
        }
        let model = value("model name", "CPU part")?.trimmingCharacters(in: .whitespaces) ?? "unknown"
        let flags = Set((value("flags", "Features") ?? "").split(separator: " ").map(String.init))
        let own = Self.features.filter(flags.contains)
        let (share, least) = (share, share.leastCores)
        let tenths = (least.value * 10).rounded() / 10
        let cores = tenths == tenths.rounded() ? "\(tenths.whole)" : "\(tenths)"
        let used =
            least.value < Double(threads)
            ? ", \(cores) to use (\(least.origin)): \(share.coreCount) worker(s) by default" : ""
        let text =
            "\(model), \(threads) thread(s)\(used); \(own.isEmpty ? "no vector instructions" : own.joined(separator: " "))"
        guard flags.contains("avx2") || flags.contains("asimd") else {
            return .warn(
                "processor",
                text,
                fix: "networks compute several times slower than with AVX2; use another machine for them"
            )
        }
        return .ok("processor", text)
    }

    func memory() -> DoctorReport.Line {
        func bytes(_ name: String) -> Int? {
            (text("/proc/meminfo") ?? "").split(separator: "\n").first { $0.hasPrefix(name + ":") }?
                .split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
                .flatMap { $0.multipliedReportingOverflow(by: 1024).overflow ? nil : $0 * 1024 }
        }
        guard let all = bytes("MemTotal"), let free = bytes("MemAvailable") else {
            return .warn("memory", "the system does not tell how much there is", fix: "look at /proc/meminfo")
        }
        let share = share
        let limit = share.leastMemory.flatMap { $0.value < Double(all) ? $0 : nil }
        let usable = min(free, limit?.value.whole ?? free)
        let shown =
            "\(DoctorFolders.size(all)), \(DoctorFolders.size(free)) free"
            + (limit.map { "; \(DoctorFolders.size($0.value.whole)) to use (\($0.origin))" } ?? "")
        if usable < WorkerRoom.least {
            return .down(
                "memory",
                shown,
                fix: "512 MB are the least for one worker; end other programs, or raise the limit"
            )
        }
        let (fitting, workers) = (usable / WorkerRoom.perWorker, share.coreCount)
        if fitting < workers {
            return .warn("memory", shown, fix: "\(workers) workers may want more; give --workers \(max(1, fitting))")
        }
        return .ok("memory", shown)
    }

    /// The job that this process is of, and what its variables say that is not so; nothing outside of a job.
    func job() async -> [DoctorReport.Line] {
        let time = await JobTime(environment: environment)
        var lines = (share.notes + time.notes).map { DoctorReport.Line.warn("job", $0, fix: "correct or unset it") }
        let number = environment["SLURM_JOB_ID"].map { "Slurm job \(ShownText.line($0, limit: 40))" }
        let left = time.left.map { "\(Throughput.clock($0.seconds)) left (\(time.origin))" }
        if number != nil || left != nil {
            lines.append(
                .ok("job", [number, left ?? "no end of its time is known"].compactMap(\.self).joined(separator: ", "))
            )
        }
        return lines
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
