import Foundation
import TestSupport
import Testing

/// What a command takes of its machine.
@Suite struct ResourceTests {
    private static let controllers = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/memory"]

    private static let canMakeGroups: Bool = controllers.allSatisfy { folder in
        let trial = "\(folder)/wsi-trial-\(getpid())"
        guard mkdir(trial, 0o755) == 0 else { return false }
        let isLimited = ["cpu.cfs_quota_us", "memory.limit_in_bytes"].contains { access("\(trial)/\($0)", W_OK) == 0 }
        return rmdir(trial) == 0 && isLimited
    }

    @Test(.enabled(if: canMakeGroups, "skipped: no control groups of version 1 may be made here"))
    func aCommandInAControlGroupKnowsWhatItsParentsAllow() throws {
        let name = "wsi-test-\(getpid())"
        let groups = Self.controllers.flatMap { ["\($0)/\(name)", "\($0)/\(name)/step"] }
        defer { groups.reversed().forEach { rmdir($0) } }
        for group in groups { #expect(mkdir(group, 0o755) == 0, "\(group)") }
        func write(_ text: String, _ file: String) throws {
            let handle = try FileHandle(forWritingTo: URL(filePath: file))
            try handle.write(contentsOf: Data(text.utf8))
            try handle.close()
        }
        try write("50000", "\(groups[0])/cpu.cfs_quota_us")
        try write("900M", "\(groups[2])/memory.limit_in_bytes")
        let enter = "echo $$ > \(groups[1])/cgroup.procs && echo $$ > \(groups[3])/cgroup.procs"
        let result = try Command.run(shell: "\(enter) && exec \"$@\"", "doctor")
        #expect(result.output.contains("0.5 to use (\(groups[0])/cpu.cfs_quota_us): 1 worker(s)"), "\(result.output)")
        #expect(result.output.contains("943 MB to use (\(groups[2])/memory.limit_in_bytes)"), "\(result.output)")
    }

    @Test func aJobWithoutRoomForOneWorkerIsWorthARetryWithMore() throws {
        let scratch = try Scratch()
        try scratch.write("no slide", to: "slides/a.svs")
        func tile(_ environment: [String: String], _ more: String...) throws -> Command {
            let words = ["tile", scratch["slides"].path, "--out", scratch["job"].path] + more
            return try Command.run(words, environment: environment)
        }
        let small = try tile(["SLURM_MEM_PER_NODE": "100"])
        #expect(small.exit == 75)
        #expect(
            small.errors.hasPrefix("wsi: error[E_LIMIT] SLURM_MEM_PER_NODE: 105 MB of memory may be used"),
            "\(small.errors)"
        )
        #expect(!FileManager.default.fileExists(atPath: scratch["job"].path))
        let several = try tile(["SLURM_MEM_PER_NODE": "1000", "SLURM_CPUS_PER_TASK": "none"], "--workers", "9")
        #expect(several.exit == 3)
        #expect(several.errors.contains("2 workers for --workers 9: 1.0 GB of memory may be used (SLURM_MEM_PER_NODE)"))
        #expect(several.errors.contains("warning: SLURM_CPUS_PER_TASK is 'none', which is no number above 0"))
        #expect(try !tile(["SLURM_MEM_PER_NODE": "1000"], "--workers", "9", "--quiet").errors.contains("workers for"))
    }
}
