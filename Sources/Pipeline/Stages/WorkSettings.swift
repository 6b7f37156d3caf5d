import Storage

/// How a stage works: nothing in here changes a result.
public struct WorkSettings: Sendable {
    /// Worker processes that read at a time.
    public var workers: Int
    /// Beside these, at most so many that have read their slide and wait for its last features.
    public var waiting: Int
    /// Address space of one worker in bytes.
    public var workerMemory: Int
    /// A worker that takes longer for its slide is killed.
    public var slideTimeout: Duration
    /// Replace outputs of another configuration.
    public var redo: Bool {
        didSet { seen = Self.seen(selection, redo: redo) }
    }
    /// Replace outputs whose upstream changed (`wsi run`).
    public var redoChangedInputs: Bool
    /// The slides that a stage works on.
    public var selection: Selection {
        didSet { seen = Self.seen(selection, redo: redo) }
    }
    public var programs: Programs
    /// Where slides are copied to before they are read; nil reads them where they lie.
    public var staging: Staging?
    public var bagMemory = BagMemory()
    /// Trainings beside each other on one GPU.
    public var foldsPerGPU = 1
    /// What `workers` was taken of; nil where memory does not bound it.
    public var room: WorkerRoom?
    /// nil: the command may take its time.
    public var time: TimeLimit?
    /// Results that were compared with their records before.
    var seen: SeenFiles

    public init(
        workers: Int,
        waiting: Int? = nil,
        workerMemory: Int = 2 << 30,
        slideTimeout: Duration = .seconds(1800),
        redo: Bool = false,
        redoChangedInputs: Bool = false,
        selection: Selection = Selection(),
        programs: Programs,
        room: WorkerRoom? = nil,
        time: TimeLimit? = nil
    ) {
        self.workers = workers
        self.waiting = waiting ?? workers
        self.workerMemory = workerMemory
        self.slideTimeout = slideTimeout
        self.redo = redo
        self.redoChangedInputs = redoChangedInputs
        self.selection = selection
        self.programs = programs
        self.room = room
        self.time = time
        seen = Self.seen(selection, redo: redo)
    }

    /// The same with so many readers as fit beside a process that takes memory of its own.
    /// - Parameter note: told where they are fewer.
    func beside(_ bytes: Int, _ name: String, note: (String) -> Void) -> WorkSettings {
        guard let room = room?.beside(bytes, name) else { return self }
        room.notes.forEach(note)
        var settings = self
        (settings.workers, settings.waiting) = (min(workers, room.workers), min(waiting, room.waiting))
        return settings
    }

    private static func seen(_ selection: Selection, redo: Bool) -> SeenFiles {
        SeenFiles(shard: selection.shard?.description, readsAll: redo)
    }
}
