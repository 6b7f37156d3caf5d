import Files
public import Foundation
import Records
import Storage

/// What a command needs of the machine, tried before any work: the runtime and the libraries below would end the process, or
/// wait for ever, where a thread or a descriptor is refused to them.
public struct MachineNeeds: Sendable {
    /// Child processes at a time.
    var processes = 0
    /// Whether that is by `--workers`.
    var followsWorkers = false
    /// Address space of one reading process in bytes; nil where there is none.
    var workerMemory: Int?
    /// Whether files are written.
    var writes = false
    var usesTemporaryFolder = false

    public static let ofEveryCommand = MachineNeeds()

    /// Of a command that works in processes of its own.
    /// - Parameters:
    ///   - processes: at a time; nil for the workers and `wsi-compute` beside them, and where it encodes, which is over a socket in the
    ///     temporary folder, those that wait for it.
    ///   - readsSlides: in such processes, whose address space is limited.
    public static func ofWork(
        _ settings: WorkSettings,
        processes: Int? = nil,
        readsSlides: Bool = true,
        usesTemporaryFolder: Bool = false
    ) -> MachineNeeds {
        MachineNeeds(
            processes: processes ?? settings.workers + 1 + (usesTemporaryFolder ? settings.waiting : 0),
            followsWorkers: processes == nil && settings.workers > 1,
            workerMemory: readsSlides ? settings.workerMemory : nil,
            writes: true,
            usesTemporaryFolder: usesTemporaryFolder
        )
    }

    /// Of a command that only calls `wsi-compute`.
    public static let ofComputing = MachineNeeds(processes: 1)

    /// Checks, and removes what dead processes have left where this command and its processes write.
    /// - Parameter folder: of the job.
    /// - Throws: as `check`.
    public func begin(in folder: URL) throws {
        try check()
        TemporaryFolder.sweep()
        Ending.watch(over: folder)
    }

    /// - Throws: `Failure` with `.limit` (exit 75) for what the machine or its limits refuse, or with what is wrong about the
    ///   folder for temporary files.
    public func check() throws {
        try checkStack()
        try checkDescriptors()
        try checkAddressSpace()
        try checkFileSize()
        try checkThreads()
        if usesTemporaryFolder { try TemporaryFolder.check() }
    }

    /// Half of what was seen to work; with 64 kB the runtime ends by a signal.
    private static let leastStack = 512 << 10
    /// What a process that starts others has of its own: the loaded libraries, and an arena and a stack for every thread.
    private static let leastAddressSpace = 1 << 30
    private static let leastFileSize = 1 << 20
    /// Of a command that looks at a job and starts nothing.
    private static let leastMemory = 64 << 20

    private var cores: Int { ProcessInfo.processInfo.activeProcessorCount }
    private var byWorkers: String { followsWorkers ? ", or give fewer --workers" : "" }

    private func checkStack() throws {
        let limit = Limit(RLIMIT_STACK)
        guard limit.soft < Self.leastStack else { return }
        throw Failure(
            .limit,
            "ulimit -s",
            "a stack may have \(limit.soft >> 10) kB, and \(Self.leastStack >> 10) are needed; "
                + "raise the limit, to 8192 as usual"
        )
    }

    /// What is open at a time: libraries and files of each thread, and the pipes of each child.
    private func checkDescriptors() throws {
        let wanted = processes > 0 ? 20 + 6 * processes : 7 + cores
        Limit(RLIMIT_NOFILE).raise(to: wanted + 64)
        var taken: [Int32] = []
        defer { taken.forEach { close($0) } }
        while taken.count < wanted {
            let descriptor = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
            guard descriptor >= 0 else {
                let limit = Limit(RLIMIT_NOFILE).soft
                throw Failure(
                    .limit,
                    "ulimit -n",
                    "\(taken.count) more files can be open at a time, of \(limit), and \(wanted) are needed; "
                        + "raise the limit to \(max(256, limit + wanted))\(byWorkers)"
                )
            }
            taken.append(descriptor)
        }
    }

    private func checkAddressSpace() throws {
        let limit = Limit(RLIMIT_AS)
        limit.raise(to: .max)
        if limit.hard < .max { try checkOwnSpace(limit.hard) }
        guard processes > 0 else { return }
        let wanted = max(Self.leastAddressSpace, workerMemory ?? 0)
        guard limit.hard < wanted else { return }
        let worker = workerMemory.map { $0 >> 20 } ?? 0
        let isWorker = limit.hard >= Self.leastAddressSpace
        let need =
            isWorker
            ? "a reading process is given \(worker) MB (--worker-memory)"
            : "this command needs \(Self.leastAddressSpace >> 20)"
        let way = isWorker ? ", or give --worker-memory \(limit.hard >> 20)" : ""
        throw Failure(
            .limit,
            "ulimit -v",
            "a process may have \(limit.hard >> 20) MB of address space, and \(need); raise the limit\(way)"
        )
    }

    /// Where the stack of a thread finds no place, libdispatch waits for ever, and without memory the runtime ends by a signal.
    private func checkOwnSpace(_ limit: Int) throws {
        var stack = 8 << 20
        let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
        defer { attributes.deallocate() }
        if pthread_attr_init(attributes) == 0 {
            pthread_attr_getstacksize(attributes, &stack)
            pthread_attr_destroy(attributes)
        }
        let room = Self.leastMemory + (cores + 2) * stack
        let place = mmap(nil, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard place == MAP_FAILED else {
            munmap(place, room)
            return
        }
        throw Failure(
            .limit,
            "ulimit -v",
            "a process may have \(limit >> 20) MB of address space, and this one needs \(room >> 20) beside what it has loaded; "
                + "raise the limit"
        )
    }

    private func checkFileSize() throws {
        guard writes else { return }
        let limit = Limit(RLIMIT_FSIZE)
        limit.raise(to: .max)
        guard limit.hard < Self.leastFileSize else { return }
        throw Failure(
            .limit,
            "ulimit -f",
            "a file may have \(limit.hard >> 10) kB, and results are larger; raise the limit"
        )
    }

    /// Of this process and its children, which count together where the limit is one of a user.
    private func checkThreads() throws { try ThreadRoom.check(cores + 6 + 4 * processes) }
}

/// One of the limits that a shell sets with `ulimit`, in bytes or in numbers; `Int.max` for none.
private struct Limit {
    private let kind: __rlimit_resource
    private(set) var soft = Int.max
    private(set) var hard = Int.max

    init(_ kind: __rlimit_resource) {
        self.kind = kind
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(kind.rawValue), &limit) == 0 else { return }
        soft = Int(clamping: limit.rlim_cur)
        hard = Int(clamping: limit.rlim_max)
    }

    /// What a process may give itself. Where it may not, what is checked next says so.
    func raise(to wanted: Int) {
        guard soft < min(wanted, hard) else { return }
        let most = hard == .max ? rlim_t.max : rlim_t(hard)
        var limit = rlimit(rlim_cur: wanted < hard ? rlim_t(wanted) : most, rlim_max: most)
        _ = setrlimit(__rlimit_resource_t(kind.rawValue), &limit)
    }
}
