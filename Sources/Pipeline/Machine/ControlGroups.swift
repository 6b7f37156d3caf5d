import Foundation

/// The control groups that limit this process, of version 1, of version 2 or of both: what each of them allows, with the file
/// that says so. Every ancestor counts, as far up as its folder is seen.
struct ControlGroups {
    /// What a file allows: cores or bytes.
    struct Allowance: Equatable {
        var value: Double
        var file: String
    }

    private enum Controller: String { case cpu, memory }

    /// A mounted hierarchy.
    private struct Mount {
        /// nil in version 2, which has all of them.
        var controllers: Set<String>?
        /// Which group of the hierarchy is seen at `folder`.
        var root: [Substring]
        var folder: String
    }

    /// Where the system tells of itself; another folder in tests.
    private let root: String
    private let mounts: [Mount]
    /// The groups of this process: controllers (none in version 2) and path.
    private let own: [(controllers: Set<String>, path: [Substring])]

    init(root: String = "") {
        self.root = root
        let groups = DoctorProgram.text(root + "/proc/self/cgroup") ?? ""
        own = groups.split(separator: "\n").compactMap { line in
            // A path may hold colons.
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return nil }
            return (Set(parts[1].split(separator: ",").map(String.init)), parts[2].split(separator: "/"))
        }
        let found = DoctorProgram.text(root + "/proc/self/mountinfo").map(Self.mounts)
        mounts = found ?? Self.usual
    }

    /// Where they are, where the system does not tell.
    private static let usual =
        [Mount(controllers: nil, root: [], folder: "/sys/fs/cgroup")]
        + ["cpu", "cpu,cpuacct", "memory"].map { name in
            Mount(
                controllers: Set(name.split(separator: ",").map(String.init)),
                root: [],
                folder: "/sys/fs/cgroup/\(name)"
            )
        }

    /// `36 25 0:31 /job /sys/fs/cgroup/memory rw shared:1 - cgroup cgroup rw,memory`; blanks stand there as `\040`.
    private static func mounts(_ text: String) -> [Mount] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard let mark = words.firstIndex(of: "-"), mark >= 6, words.count > mark + 3 else { return nil }
            let (root, folder) = (unescaped(words[3]), unescaped(words[4]))
            let path = root.split(separator: "/").map { Substring(String($0)) }
            switch words[mark + 1] {
            case "cgroup2": return Mount(controllers: nil, root: path, folder: folder)
            case "cgroup":
                let options = Set(words[mark + 3].split(separator: ",").map(String.init))
                return Mount(controllers: options, root: path, folder: folder)
            default: return nil
            }
        }
    }

    private static func unescaped(_ word: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(word.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The folders of this process's groups that have the controller, each with its ancestors, from its own up.
    private func folders(_ controller: Controller, version: Int) -> [String] {
        mounts.filter {
            ($0.controllers == nil) == (version == 2) && $0.controllers?.contains(controller.rawValue) != false
        }
        .flatMap { mount in
            own.filter {
                mount.controllers == nil ? $0.controllers.isEmpty : $0.controllers.contains(controller.rawValue)
            }
            .flatMap { Self.folders(of: $0.path, in: mount) }
        }
    }

    private static func folders(of path: [Substring], in mount: Mount) -> [String] {
        var below: [Substring]
        if path.starts(with: mount.root) {
            below = Array(path.dropFirst(mount.root.count))
            // A group outside of the namespace that is seen here: none of these folders is its ancestor.
            if below.contains("..") { return [] }
        } else {
            // A container sees its own group at the top, whatever that is called outside.
            below = []
        }
        var folders: [String] = []
        while !below.isEmpty {
            folders.append(mount.folder + "/" + below.joined(separator: "/"))
            below.removeLast()
        }
        return folders + [mount.folder]
    }

    private func words(_ file: String) -> [Substring] {
        (DoctorProgram.text(root + file) ?? "").split(whereSeparator: \.isWhitespace)
    }

    /// A number above 0; nil for `max`, -1 and what is none.
    private func number(_ word: Substring?) -> Double? {
        word.flatMap { Int($0) }.flatMap { $0 > 0 ? Double($0) : nil }
    }

    /// Cores, with their fraction.
    var cores: [Allowance] {
        let second = folders(.cpu, version: 2).compactMap { folder -> Allowance? in
            let file = "\(folder)/cpu.max"
            let words = words(file)
            guard let quota = number(words.first) else { return nil }
            let period = words.count > 1 ? number(words[1]) : Self.usualPeriod
            return period.map { Allowance(value: quota / $0, file: file) }
        }
        let first = folders(.cpu, version: 1).compactMap { folder -> Allowance? in
            let file = "\(folder)/cpu.cfs_quota_us"
            guard let quota = number(words(file).first) else { return nil }
            let period = number(words("\(folder)/cpu.cfs_period_us").first) ?? Self.usualPeriod
            return Allowance(value: quota / period, file: file)
        }
        return second + first
    }

    /// Microseconds.
    private static let usualPeriod = 100_000.0
    /// What version 1 says instead of none is the largest number of whole pages.
    private static let noLimit = 1e18

    /// Bytes. Above `memory.high` a process is slowed down until nothing moves, so that it counts as a limit.
    var memory: [Allowance] {
        let second = folders(.memory, version: 2).flatMap { folder in
            ["memory.max", "memory.high"].compactMap { name in
                number(words("\(folder)/\(name)").first).map { Allowance(value: $0, file: "\(folder)/\(name)") }
            }
        }
        let groups = folders(.memory, version: 1)
        let first = groups.compactMap { folder in
            number(words("\(folder)/memory.limit_in_bytes").first).map {
                Allowance(value: $0, file: "\(folder)/memory.limit_in_bytes")
            }
        }
        return (second + first + unseen(groups)).filter { $0.value < Self.noLimit }
    }

    /// What ancestors above the top folder allow, which only version 1 tells.
    private func unseen(_ groups: [String]) -> [Allowance] {
        guard let folder = groups.first else { return [] }
        let file = "\(folder)/memory.stat"
        let line = (DoctorProgram.text(root + file) ?? "").split(separator: "\n").lazy
            .map { $0.split(separator: " ") }.first { $0.first == "hierarchical_memory_limit" }
        return number(line?.dropFirst().first).map { [Allowance(value: $0, file: file)] } ?? []
    }
}
