public import Foundation
import Records

/// What of its machine this process may use: the smallest of what the machine has and of all that limits it.
public struct MachineShare: Sendable {
    /// A number and who says it, such as `SLURM_CPUS_PER_TASK` or a file of the system.
    public struct Limit: Equatable, Sendable {
        public var value: Double
        public var origin: String
    }

    /// Cores by who allows them; never empty.
    private(set) var cores: [Limit]
    /// Bytes by who allows them; empty where the system tells nothing.
    private(set) var memory: [Limit]
    /// What was found and is not used, and why.
    public private(set) var notes: [String] = []

    /// - Parameters:
    ///   - root: where the system tells of itself; another folder in tests.
    ///   - threads: that this process is free to use where the system does not say which.
    public init(
        root: String = "",
        environment: [String: String] = ProcessInfo.processInfo.environment,
        threads: Int = ProcessInfo.processInfo.activeProcessorCount
    ) {
        let groups = ControlGroups(root: root)
        func limit(_ allowance: ControlGroups.Allowance) -> Limit {
            Limit(value: allowance.value, origin: allowance.file)
        }
        cores = [Self.affinity(root) ?? Limit(value: Double(max(1, threads)), origin: "the machine")]
        cores += groups.cores.map(limit)
        memory = (Self.installed(root).map { [$0] } ?? []) + groups.memory.map(limit)
        addSlurm(environment)
    }

    /// Whole cores to work with. Of a fraction one more is used: two workers spend a quota of 1.5 where one would leave a third of
    /// it, and what is over costs no more than that both go a little slower.
    public var coreCount: Int { max(1, Int(leastCores.value.rounded(.up))) }

    var leastCores: Limit { cores.min { $0.value < $1.value } ?? Limit(value: 1, origin: "the machine") }

    var leastMemory: Limit? { memory.min { $0.value < $1.value } }

    /// The processors that the process may run on (sched_setaffinity, cpusets): `0-3,7`.
    private static func affinity(_ root: String) -> Limit? {
        let key = "Cpus_allowed_list:"
        let line = (DoctorProgram.text(root + "/proc/self/status") ?? "").split(separator: "\n").first {
            $0.hasPrefix(key)
        }
        guard let list = line?.dropFirst(key.count).trimmingCharacters(in: .whitespaces), !list.isEmpty else {
            return nil
        }
        var count = 0
        for part in list.split(separator: ",") {
            let ends = part.split(separator: "-").map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first >= 0,
                last >= first,
                last < 1 << 20
            else { return nil }
            count += last - first + 1
        }
        return Limit(value: Double(count), origin: "the processors that it may run on")
    }

    private static func installed(_ root: String) -> Limit? {
        let line = (DoctorProgram.text(root + "/proc/meminfo") ?? "").split(separator: "\n").first {
            $0.hasPrefix("MemTotal:")
        }
        let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
        return kilobytes.map { Limit(value: Double($0) * 1024, origin: "the machine") }
    }

    /// What Slurm has given to the job, as its variables tell. It need not hold its jobs to that: others on the node would suffer.
    private mutating func addSlurm(_ environment: [String: String]) {
        /// A number that was given; what is none is noted.
        func number(_ name: String, orNone none: String? = nil) -> Double? {
            guard let text = environment[name], !text.isEmpty, text != none else { return nil }
            let digits = text.allSatisfy { $0.isASCII && $0.isNumber }
            if digits, let value = Int(text), value > 0 { return Double(value) }
            notes.append("\(name) is '\(ShownText.line(text, limit: 40))', which is no number above 0: it is not used")
            return nil
        }
        let (onNode, perTask) = ("SLURM_CPUS_ON_NODE", "SLURM_CPUS_PER_TASK")
        let given = [onNode, perTask].compactMap { name in number(name).map { Limit(value: $0, origin: name) } }
        let own = given.first ?? leastCores
        cores += given
        let megabyte = Double(1 << 20)
        // 0 stands for all that the node has.
        if let size = number("SLURM_MEM_PER_NODE", orNone: "0") {
            memory.append(Limit(value: size * megabyte, origin: "SLURM_MEM_PER_NODE"))
        }
        if let size = number("SLURM_MEM_PER_CPU", orNone: "0") {
            let origin = "SLURM_MEM_PER_CPU of \(own.value.rounded(.up).whole) core(s)"
            memory.append(Limit(value: size * own.value.rounded(.up) * megabyte, origin: origin))
        }
    }
}
