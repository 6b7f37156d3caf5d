import Records
import Testing

@testable import Pipeline

@Suite struct StageProgressTests {
    private func progress(_ events: ProgressEvent...) -> StageProgress {
        var progress = StageProgress()
        for event in events { progress.take(event) }
        return progress
    }

    @Test func theTimeLeftIsToldByTheUnitsThatWereNotDoneBefore() {
        var told = progress(.began(stage: "tile", units: 10, done: 6))
        #expect(told.left == nil && told.line(after: 5) == "tile: 6/10")
        told.take(.finished(unit: "a", failure: nil))
        #expect(told.left == 0.75)
        // A quarter took 5 s.
        #expect(told.line(after: 5) == "tile: 7/10, 15 s left")
        for unit in ["b", "c", "d"] { told.take(.finished(unit: unit, failure: nil)) }
        #expect(told.left == nil && told.line(after: 20) == "tile: 10/10")
    }

    @Test func plannedWorkInsideUnitsTellsBetterThanUnits() {
        var told = progress(
            .began(stage: "train_m", units: 5, done: 0),
            .planned(amount: 200, of: "epochs"),
            .advanced(amount: 50, of: "epochs")
        )
        #expect(told.left == 0.75)
        #expect(told.line(after: 10) == "train_m: 0/5, 50/200 epochs (5/s), 30 s left")
        told.take(.finished(unit: "fold_0", failure: Failure(.training, nil, "x")))
        #expect(told.line(after: 10) == "train_m: 1/5, 50/200 epochs (5/s), fold_0 done, 30 s left")
        told.take(.advanced(amount: 150, of: "epochs"))
        #expect(told.left == nil)
    }

    @Test func whatACrashCountedInVainIsTakenBack() {
        let told = progress(
            .began(stage: "features_x", units: 2, done: 0),
            .advanced(amount: 64, of: "patches"),
            .advanced(amount: -64, of: "patches"),
            .advanced(amount: 30, of: "patches")
        )
        #expect(told.line(after: 3) == "features_x: 0/2, 30 patches (10/s)")
    }

    @Test func aStageBeginsAnew() {
        let told = progress(
            .began(stage: "tile", units: 2, done: 0),
            .advanced(amount: 64, of: "patches"),
            .finished(unit: "a", failure: nil),
            .began(stage: "features_x", units: 3, done: 3)
        )
        #expect(told.line(after: 1) == "features_x: 3/3" && told.wasDone)
    }

    @Test func throughputNamesWhatLimits() {
        var throughput = Throughput()
        (throughput.units, throughput.patches, throughput.seconds) = (3, 7580, 6.1)
        throughput.times.add(.seconds(62), to: .decode)
        throughput.times.add(.seconds(30), to: .encode)
        throughput.times.add(.milliseconds(100), to: .start)
        let pace = "7,580 patches in 6.1 s: 1,243 patches/s"
        let limit = "decode limits (67 % of the workers' time, then encode 33 %)"
        #expect(throughput.text(of: "slide") == "\(pace); \(limit)")
        throughput.patches = 0
        (throughput.units, throughput.seconds, throughput.times) = (1, 4, WorkTimes())
        #expect(throughput.text(of: "fold") == "1 fold in 4.0 s: 4.0 s per fold")
    }

    @Test(arguments: [(0.84, "0.8 s"), (9.94, "9.9 s"), (12.4, "12 s"), (187, "3:07"), (3723, "1:02:03")])
    func timesAreReadAsClocks(seconds: Double, text: String) { #expect(Throughput.clock(seconds) == text) }

    @Test func sharesAreOfTheWholeAndTheGreatestComesFirst() {
        var times = WorkTimes()
        #expect(times.shares.isEmpty && times.total == 0)
        times.add(.seconds(1), to: .write)
        times.add(.seconds(3), to: .decode)
        #expect(times.shares.first?.part == .decode && times.shares.first?.share == 0.75)
        #expect(times.shares.map(\.share).reduce(0, +) == 1)
    }
}
