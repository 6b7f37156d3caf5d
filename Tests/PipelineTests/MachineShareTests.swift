import Foundation
import Records
import TestSupport
import Testing

@testable import Pipeline

/// What a process may use of a machine, by files as a system has them.
@Suite struct MachineShareTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private static let mounts = """
        22 1 0:21 / /proc rw,relatime - proc proc rw
        garbage
        31 22 0:26 / /sys/fs/cgroup ro,nosuid shared:9 - tmpfs tmpfs ro,mode=755

        """
    private static let second =
        mounts + "35 31 0:30 / /sys/fs/cgroup rw,nosuid shared:10 - cgroup2 cgroup2 rw,nsdelegate\n"
    private static let first =
        mounts + "36 31 0:31 / /sys/fs/cgroup/cpu,cpuacct rw shared:11 - cgroup cgroup rw,cpu,cpuacct\n"
        + "37 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"

    private func share(_ files: [String: String], _ environment: [String: String] = [:]) throws -> MachineShare {
        let root = "root-\(UInt32.random(in: 0 ... .max))"
        let all = ["proc/meminfo": "MemTotal: 16777216 kB\n", "proc/self/status": "Cpus_allowed_list:\t0-3,6-9\n"]
        for (path, text) in all.merging(files, uniquingKeysWith: { $1 }) { try scratch.add("\(root)/\(path)", text) }
        return MachineShare(root: scratch.file(root).path, environment: environment, threads: 8)
    }

    private func gigabytes(_ share: MachineShare) -> Double? { share.leastMemory.map { $0.value / Double(1 << 30) } }

    @Test func withoutLimitsAllOfTheMachineIsTheirs() throws {
        let share = try share([:])
        #expect((share.coreCount, gigabytes(share)) == (8, 16) && share.notes.isEmpty)
        #expect(
            (share.leastCores.origin, share.leastMemory?.origin) == ("the processors that it may run on", "the machine")
        )
    }

    @Test(arguments: [("3", 1), ("0-1", 2), ("0,2,4-5", 4), ("x", 8), ("5-2", 8), ("", 8), ("0-9999999999", 8)])
    func theProcessorsOfTheProcessAreCounted(list: String, count: Int) throws {
        #expect(try share(["proc/self/status": "Name:\tx\nCpus_allowed_list:\t\(list)\n"]).coreCount == count)
    }

    /// A quota of 1.5 is spent by two.
    @Test(arguments: [
        ("150000 100000", 2), ("50000 100000", 1), ("max 100000", 8), ("300000", 3), ("1000 1000000", 1),
        ("900000 100000", 8),
        ("-1 100000", 8), ("", 8), ("two cores", 8), ("0 100000", 8), ("100000 0", 8), ("99999999999999999999 1", 8),
    ])
    func aQuotaOfVersion2IsRoundedUp(quota: String, cores: Int) throws {
        let files = [
            "proc/self/cgroup": "0::/job\n", "proc/self/mountinfo": Self.second, "sys/fs/cgroup/job/cpu.max": quota,
        ]
        #expect(try share(files).coreCount == cores)
    }

    @Test func theSmallestOfAllAncestorsCountsInVersion2() throws {
        let share = try share([
            "proc/self/cgroup": "0::/slurm/job_7/step_0\n", "proc/self/mountinfo": Self.second,
            "sys/fs/cgroup/slurm/job_7/step_0/cpu.max": "400000 100000\n",
            "sys/fs/cgroup/slurm/job_7/cpu.max": "250000 100000\n", "sys/fs/cgroup/slurm/cpu.max": "max 100000\n",
            "sys/fs/cgroup/slurm/job_7/step_0/memory.max": "max\n",
            "sys/fs/cgroup/slurm/job_7/step_0/memory.high": "3221225472\n",
            "sys/fs/cgroup/slurm/memory.max": "2147483648\n",
            "sys/fs/cgroup/slurm/job_8/memory.max": "1073741824\n",
        ])
        #expect((share.leastCores.value, share.coreCount, gigabytes(share)) == (2.5, 3, 2))
        #expect(share.leastCores.origin == "/sys/fs/cgroup/slurm/job_7/cpu.max")
        #expect(share.leastMemory?.origin == "/sys/fs/cgroup/slurm/memory.max")
    }

    @Test func version1HasItsFilesAndItsWordForNone() throws {
        let groups = "4:memory:/slurm/job_7\n3:cpu,cpuacct:/slurm/job_7\n1:name=systemd:/x\n"
        let none = "9223372036854771712\n"
        var files = [
            "proc/self/cgroup": groups, "proc/self/mountinfo": Self.first,
            "sys/fs/cgroup/cpu,cpuacct/slurm/job_7/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu,cpuacct/slurm/cpu.cfs_quota_us": "100000\n",
            "sys/fs/cgroup/cpu,cpuacct/slurm/cpu.cfs_period_us": "50000\n",
            "sys/fs/cgroup/memory/slurm/job_7/memory.limit_in_bytes": none,
            "sys/fs/cgroup/memory/memory.limit_in_bytes": none,
        ]
        var share = try share(files)
        #expect((share.coreCount, gigabytes(share)) == (2, 16))
        // What a container does not see of its ancestors.
        files["sys/fs/cgroup/memory/slurm/job_7/memory.stat"] = "cache 0\nhierarchical_memory_limit 1073741824\n"
        share = try self.share(files)
        #expect(gigabytes(share) == 1)
        #expect(share.leastMemory?.origin == "/sys/fs/cgroup/memory/slurm/job_7/memory.stat")
    }

    @Test func ofAHybridBothCount() throws {
        let mounts = Self.first + "38 31 0:33 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
        let share = try share([
            "proc/self/cgroup": "4:memory:/m\n3:cpu,cpuacct:/c\n0::/u\n", "proc/self/mountinfo": mounts,
            "sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_quota_us": "500000",
            "sys/fs/cgroup/unified/u/cpu.max": "300000 100000",
            "sys/fs/cgroup/memory/m/memory.limit_in_bytes": "4294967296",
        ])
        #expect((share.coreCount, gigabytes(share)) == (3, 4))
    }

    /// Docker without a namespace of groups: the mount begins where the container does. With one: the top is its own.
    @Test(arguments: [
        ("/docker/ab", "/docker/ab/job"), ("/", "/job"), ("/..", "/../job"), ("/docker/ab", "/docker/cd"),
    ])
    func aContainerSeesItsGroupsFromItsOwnUp(root: String, path: String) throws {
        let mount = "35 31 0:30 \(root) /sys/fs/my\\040groups rw shared:10 master:3 - cgroup2 cgroup2 rw\n"
        let share = try share([
            "proc/self/cgroup": "0::\(path)\n", "proc/self/mountinfo": mount,
            "sys/fs/my groups/cpu.max": "200000 100000\n", "sys/fs/my groups/job/memory.max": "1073741824\n",
        ])
        #expect(share.coreCount == 2)
        #expect(gigabytes(share) == (path.hasSuffix("job") ? 1 : 16))
    }

    /// `/../other` is beside the namespace: its limits are not those of what is seen here.
    @Test func aGroupOutsideOfTheNamespaceIsNotLookedFor() throws {
        let files = [
            "proc/self/cgroup": "0::/../other\n", "proc/self/mountinfo": Self.second, "sys/fs/cgroup/cpu.max": "1 1",
        ]
        #expect(try share(files).coreCount == 8)
    }

    @Test func withoutATableOfMountsTheUsualPlacesAreLookedAt() throws {
        let share = try share([
            "proc/self/cgroup": "0::/job\n3:memory:/job\n", "sys/fs/cgroup/job/cpu.max": "300000 100000",
            "sys/fs/cgroup/memory/job/memory.limit_in_bytes": "2147483648",
        ])
        #expect((share.coreCount, gigabytes(share)) == (3, 2))
    }

    @Test(arguments: [
        (["SLURM_CPUS_PER_TASK": "4"], 4, 0), (["SLURM_CPUS_PER_TASK": "400"], 8, 0),
        (["SLURM_CPUS_PER_TASK": "0"], 8, 1),
        (["SLURM_CPUS_PER_TASK": "four"], 8, 1), (["SLURM_CPUS_PER_TASK": ""], 8, 0),
        (["SLURM_CPUS_PER_TASK": "-2"], 8, 1),
        (["SLURM_CPUS_PER_TASK": "99999999999999999999"], 8, 1),
        (["SLURM_CPUS_ON_NODE": "6", "SLURM_CPUS_PER_TASK": "3"], 3, 0), (["SLURM_CPUS_ON_NODE": "2"], 2, 0),
    ])
    func theCoresOfASlurmJobCount(environment: [String: String], cores: Int, notes: Int) throws {
        let share = try share([:], environment)
        #expect((share.coreCount, share.notes.count) == (cores, notes), "\(share.notes)")
    }

    @Test(arguments: [
        (["SLURM_MEM_PER_NODE": "2048"], 2), (["SLURM_MEM_PER_NODE": "0"], 16), (["SLURM_MEM_PER_CPU": "1024"], 8),
        (["SLURM_MEM_PER_CPU": "1024", "SLURM_CPUS_ON_NODE": "6", "SLURM_CPUS_PER_TASK": "3"], 6),
        (["SLURM_MEM_PER_NODE": "1T"], 16),
    ])
    func theMemoryOfASlurmJobCounts(environment: [String: String], gigabytes: Double) throws {
        #expect(try self.gigabytes(share([:], environment)) == gigabytes)
    }

    @Test func noMoreWorkersStartThanFitAndThatIsSaid() throws {
        func room(_ megabytes: Int, workers: Int? = nil, memory: Int? = nil) throws -> WorkerRoom {
            try WorkerRoom(workers: workers, memory: memory, share: share([:], ["SLURM_MEM_PER_NODE": "\(megabytes)"]))
        }
        let wide = try room(16 << 10)
        #expect((wide.workers, wide.memory, wide.notes) == (8, 2 << 30, []))
        let narrow = try room(1600)
        #expect((narrow.workers, narrow.memory) == (4, 1600 << 20))
        #expect(
            narrow.notes == [
                "4 workers for 8 cores: 1.7 GB of memory may be used (SLURM_MEM_PER_NODE), and one may take 419 MB"
            ]
        )
        #expect(try room(1600, workers: 3).notes.isEmpty)
        #expect(try room(1600, workers: 30).notes.first?.hasPrefix("4 workers for --workers 30: ") == true)
        // Who gives workers less gets more of them.
        let small = try room(1600, workers: 30, memory: 256 << 20)
        #expect((small.workers, small.memory) == (6, 256 << 20))
        #expect(try room(600).workers == 1)
        #expect { try room(100) } throws: { error in
            let failure = error as? Failure
            return failure?.code == .limit && failure?.subject == "SLURM_MEM_PER_NODE"
        }
    }
}
