import Records

/// What a worker has said so far.
actor WorkerAnswer {
    private(set) var outcomes: [Outcome] = []

    private(set) var patches = 0
    private(set) var lost: Failure?
    private var times = WorkTimes()
    private var peakMemory = 0

    func add(_ outcome: Outcome) { outcomes.append(outcome) }

    func lose(_ failure: Failure) { lost = failure }

    func add(patches: Int) { self.patches += patches }

    func add(_ times: WorkTimes, _ peak: Int) {
        self.times.add(times)
        peakMemory = max(peakMemory, peak)
    }

    /// What the worker does not account for, it was started and ended in.
    func spent(in whole: Duration, isGood: Bool) -> ProgressEvent {
        guard isGood else {
            var lost = WorkTimes()
            lost.add(whole, to: .lost)
            return .spent(lost, peakMemory: peakMemory)
        }
        times.add(max(.zero, whole - .seconds(times.total)), to: .start)
        return .spent(times, peakMemory: peakMemory)
    }
}
