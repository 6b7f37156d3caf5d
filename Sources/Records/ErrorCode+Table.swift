extension ErrorCode {
    /// A row of the table of error codes.
    public struct Entry: Sendable {
        /// Of a command that stops with this error; inside a cohort a per-slide data error leads to `.partial`.
        public var exit: ExitStatus
        public var meaning: String
        /// What a person can do.
        public var wayOut: String

        fileprivate init(_ exit: ExitStatus, _ meaning: String, _ wayOut: String) {
            (self.exit, self.meaning, self.wayOut) = (exit, meaning, wayOut)
        }
    }

    public var entry: Entry { Self.rows[self] ?? Entry(.bug, "", "") }

    public var exitStatus: ExitStatus { entry.exit }

    /// One row for each code, which a test holds it to.
    private static let rows: [ErrorCode: Entry] = [
        .bug: Entry(
            .bug,
            "an internal error, which must never happen",
            "report it with the line and the command"
        ),
        .usage: Entry(
            .usage,
            "a flag or an argument is wrong, or two of them do not go together",
            "correct the command; --help lists what there is"
        ),
        .config: Entry(
            .usage,
            "a key of a config or of a manifest is unknown, missing or out of its range",
            "correct the key that is named; wsi check tells all at once"
        ),
        .table: Entry(
            .usage,
            "a table or a file of annotations is not as it must be",
            "correct the lines that are named"
        ),
        .notFound: Entry(
            .usage,
            "a file, folder, slide or model is not there",
            "name another, or run the command that makes it"
        ),
        .access: Entry(
            .usage,
            "a file is there, but this user may not read or write it",
            "give this user the right"
        ),
        .slideOpen: Entry(
            .partial,
            "a slide cannot be opened",
            "copy it again where it lacks bytes, else export it again"
        ),
        .slideFormat: Entry(
            .partial,
            "a file is of a format that no reader takes, no slide at all, or of pixels that are no 8-bit colour",
            "convert it as the message says, or name the slide"
        ),
        .slideGeometry: Entry(
            .partial,
            "the levels of a slide do not fit each other, a patch does not fit on it, or it has no such scene",
            "look at wsi info; convert the slide"
        ),
        .slideCorrupt: Entry(
            .partial,
            "pixels of a slide cannot be decoded",
            "compare it with its source, and copy or export it again"
        ),
        .mppMissing: Entry(
            .partial,
            "a slide does not say its µm per pixel",
            "give it with --slide-mpp or --mpp-csv"
        ),
        .mppImplausible: Entry(
            .partial,
            "a slide says µm per pixel that no scanner has",
            "give them with --slide-mpp or --mpp-csv"
        ),
        .upsampling: Entry(
            .partial,
            "a slide is coarser than the patches that are wanted",
            "ask for a coarser --mpp, or leave the slide out"
        ),
        .tooManyPatches: Entry(
            .partial,
            "a slide would have more patches than a file may hold",
            "ask for a coarser --mpp or larger patches"
        ),
        .darkBackground: Entry(
            .partial,
            "the background of a slide is dark, as in fluorescence",
            "leave the slide out"
        ),
        .regions: Entry(
            .partial,
            "the regions of a slide leave nothing of it, or cannot be its own",
            "correct its file, its origin or its scale"
        ),
        .copy: Entry(
            .partial,
            "a slide could not be brought to the folder of --stage",
            "look at what the client said; run the command again"
        ),
        .workerSignal: Entry(
            .partial,
            "a library crashed on a slide, or a GPU was lost with it, twice",
            "copy the slide again, or leave it out"
        ),
        .workerTimeout: Entry(
            .partial,
            "a slide took longer than it may",
            "raise --slide-timeout"
        ),
        .workerMemory: Entry(
            .partial,
            "a slide took more memory than it may",
            "raise --worker-memory"
        ),
        .workerExit: Entry(
            .partial,
            "the process of a slide ended without a result",
            "run the command again; report it if that does not help"
        ),
        .bag: Entry(
            .partial,
            "the features of a slide are no bag: none, or of another width",
            "make them again"
        ),
        .nonFinite: Entry(
            .partial,
            "a number is not finite: in features, or in a loss",
            "make the features again, or lower the learning rate"
        ),
        .training: Entry(
            .partial,
            "a fold cannot be trained or judged, or nothing is left to go on with",
            "look at the failures before it, and at the labels of each part"
        ),
        .file: Entry(
            .integrity,
            "a file is not of the form that it should have",
            "make it again, or take it away"
        ),
        .fingerprint: Entry(
            .integrity,
            "a result of another configuration, or older than what it was made from, is in the way",
            "--redo makes it again; another name keeps both"
        ),
        .digest: Entry(
            .integrity,
            "a file is gone, or is not what was written",
            "run the command that is named; it makes the file again"
        ),
        .mismatch: Entry(
            .integrity,
            "files do not belong together",
            "use those of the same slide, encoder and training"
        ),
        .unsafeID: Entry(
            .refused,
            "a name could leave its folder, or a link leads out of the job",
            "give a table with slide_id, or allow the folder with --follow-links"
        ),
        .untrusted: Entry(
            .refused,
            "an encoder that holds a program, or the command of a config, was not allowed to run",
            "wsi encoder trust FILE or wsi stage trust STUDY.json, where you know it"
        ),
        .leakage: Entry(
            .refused,
            "a case stands on two sides of a split",
            "keep a case on one side"
        ),
        .encoder: Entry(
            .integrity,
            "an encoder cannot be used, or does not compute what its manifest says",
            "correct the manifest, or get the weights again"
        ),
        .torch: Entry(
            .bug,
            "LibTorch refused what it was told to compute",
            "report it with the line and the command"
        ),
        .noSpace: Entry(
            .temporary,
            "the disk is full",
            "make room and run the command again"
        ),
        .io: Entry(
            .temporary,
            "the machine failed: a disk, a GPU, or a process that was killed",
            "run the command again"
        ),
        .busy: Entry(
            .temporary,
            "another process is at work here",
            "let it end, or wait for it with --wait"
        ),
        .limit: Entry(
            .temporary,
            "the machine lets a process have less than the work needs: memory, files, threads",
            "raise the limit that is named, or use fewer --workers"
        ),
        .time: Entry(
            .temporary,
            "the time that was left to the command is over, and work is left",
            "the same command goes on"
        ),
        .incomplete: Entry(
            .temporary,
            "what other commands make is not all there yet",
            "let them end, or make what is named"
        ),
        .interrupted: Entry(
            .interrupted,
            "the command was told to stop",
            "the same command goes on"
        ),
    ]
}
