import Files
import Records
import Storage

extension StagedSlide {
    /// Lets `work` have the job as it is done with the slide in its place, and takes the slide away after it.
    /// - Parameter onFailure: what becomes of a slide that did not come, or that is another one.
    func reading<End: Sendable>(
        _ job: WorkerPool.Job,
        onFailure: (Failure) -> End,
        work: (WorkerPool.Job) async throws -> End
    ) async throws -> End {
        let ready: Result<WorkerPool.Job, any Error>
        do {
            var place = try await place()
            if place.digest == nil, job.isOpen { place.digest = try await TileStage.digest(inPlace: place.path) }
            ready = .success(try job.reading(place))
        } catch { ready = .failure(error) }
        do {
            let end: End
            switch ready {
            case .success(let job): end = try await work(job)
            case .failure(let error as any ReportableError): end = onFailure(Failure(error).naming(UnitID(job.slide)))
            case .failure(let error): throw error
            }
            await release()
            return end
        } catch {
            await release()
            throw error
        }
    }
}

extension StagedSlide {
    static func otherSlide(_ slide: SlideID) -> Failure {
        Failure(
            .mismatch,
            slide.text,
            "what was copied is not the slide that was looked at or tiled before; it was replaced or is being written: "
                + "run wsi tile with --redo, then what follows"
        )
    }
}

extension WorkerPool.Job {
    /// Whether its fingerprint waits for the slide's digest.
    fileprivate var isOpen: Bool { results.contains { $0.fingerprint[.slide] == TileStage.uncopied } }

    /// The same work on the copy; a fingerprint that waits for the slide's digest gets it.
    /// - Throws: `Failure` where the copy is another slide than the one that the job is about.
    func reading(_ place: StagedSlide.Place) throws -> WorkerPool.Job {
        var job = self
        job.task = task.reading(place.path)
        guard let digest = place.digest else { return job }
        for index in job.results.indices where job.results[index].fingerprint[.slide] == TileStage.uncopied {
            job.results[index].fingerprint[.slide] = digest
        }
        job.task = job.task.completed(with: digest)
        let known = slideDigest ?? results.first?.fingerprint[.slide]
        if let known, known.count == digest.count, known != digest {
            throw StagedSlide.otherSlide(slide)
        }
        return job
    }
}

extension WorkerTask {
    /// The same task with the slide's file elsewhere.
    func reading(_ path: String) -> WorkerTask {
        switch self {
        case .tile(var task):
            task.entry.path = path
            return .tile(task)
        case .features(var task):
            task.source.slidePath = path
            return .features(task)
        case .heatmap(var task):
            task.slidePath = path
            return .heatmap(task)
        case .survey, .view: return self
        }
    }

    fileprivate func completed(with digest: String) -> WorkerTask {
        guard case .tile(var task) = self, task.fingerprint[.slide] == TileStage.uncopied else { return self }
        task.fingerprint[.slide] = digest
        return .tile(task)
    }
}

extension WorkSettings {
    /// Refuses slides that only a client gets, where there is no stage or no client to get them with.
    /// - Parameter places: of slides that are to be read.
    /// - Throws: `Failure` (usage).
    func checkStage(for places: some Sequence<(slide: SlideID, place: String)>) throws {
        guard let first = places.first(where: { RemoteAddress($0.place) != nil }) else { return }
        guard let staging else {
            throw Failure(
                .usage,
                first.slide.text,
                "it lies at \(first.place), where no path leads to; name a folder to copy it into with --stage DIR"
            )
        }
        try staging.checkClient()
    }
}

extension Stage.Unit {
    /// Whether its fingerprint says all that its result is made of, which nothing does of a slide before its first copy.
    var isWhole: Bool { fingerprint[.slide] != TileStage.uncopied }
}

extension JobLayout {
    /// The quick digest of the slide that was tiled; nil where none is known.
    func tiledDigest(of slide: SlideID) throws -> String? {
        try record(of: slide, stage: .tile)?.fingerprint[.slide]
    }
}
