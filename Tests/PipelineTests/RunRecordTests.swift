import Foundation
import Records
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

@Suite struct WorkTimesTests {
    private func times(_ seconds: [WorkPart: Double]) -> WorkTimes {
        var times = WorkTimes()
        for (part, value) in seconds { times.add(.seconds(value), to: part) }
        return times
    }

    @Test func theGreatestPartLimits() {
        var throughput = Throughput()
        (throughput.units, throughput.patches, throughput.seconds) = (32, 7580, 6.1)
        throughput.times = times([.decode: 6.2, .encode: 3, .write: 0.8])
        #expect(
            throughput.text(of: "slide")
                == "7,580 patches in 6.1 s: 1,243 patches/s; "
                + "decode limits (62 % of the workers' time, then encode 30 %, write 8 %)"
        )
    }

    @Test func aSlowStageIsToldInSecondsAndOneWithoutWorkersHasNoLimit() {
        var throughput = Throughput()
        (throughput.units, throughput.seconds) = (4, 50)
        #expect(throughput.text(of: "fold") == "4 folds in 50.0 s: 12.5 s per fold")
        throughput.times = times([.learn: 90, .baselines: 10])
        #expect(
            throughput.text(of: "fold")
                == "4 folds in 50.0 s: 12.5 s per fold; learn limits (90 % of the workers' time, then baselines 10 %)"
        )
        throughput.times = WorkTimes()
        (throughput.units, throughput.seconds) = (1, 0.25)
        #expect(throughput.text(of: "slide") == "1 slide in 0.3 s: 4.0 slides/s")
    }

    @Test func partsAddUpAndComeThroughJSON() throws {
        var sum = times([.decode: 1, .encode: 2])
        sum.add(times([.encode: 0.5, .lost: 4]))
        #expect(sum.seconds == [.decode: 1, .encode: 2.5, .lost: 4])
        #expect(sum.total == 7.5)
        #expect(sum.shares.prefix(2).map(\.part) == [.lost, .encode])
        #expect(try JSONDecoder().decode(WorkTimes.self, from: CanonicalJSON.line(sum)) == sum)
    }

    @Test func numbersAreGrouped() {
        #expect([0, 999, 1000, 1_234_567].map(Throughput.grouped) == ["0", "999", "1,000", "1,234,567"])
    }
}

@Suite struct RunAuditTests {
    private let scratch: Scratch
    private let layout: JobLayout
    private let settings = WorkSettings(workers: 3, programs: Programs(wsi: "/none", compute: "/none"))

    init() throws {
        scratch = try Scratch()
        layout = JobLayout(root: scratch.file("job"))
    }

    @Test func aRunThatAnErrorEndsHasEnded() throws {
        do {
            let sink = RunAudit(stages: [.tile], layout: layout, settings: settings).listening { _ in }
            sink(.began(stage: "tile", units: 5, done: 2))
            #expect(try RunRecord.all(in: layout).map(\.ended) == [nil])
        }
        let ended = try #require(try RunRecord.all(in: layout).first)
        #expect(ended.ended != nil && ended.throughput == nil)
    }

    @Test func aRunIsOnRecordFromItsBeginningAndMeasuredAtItsEnd() throws {
        let reports = Mutex<[StageReport]>([])
        let sink = RunAudit(stages: [.tile], layout: layout, settings: settings)
            .listening { if case .ended(let report) = $0 { reports.withLock { $0.append(report) } } }
        sink(.began(stage: "tile", units: 5, done: 2))
        let open = try RunRecord.all(in: layout)
        #expect(open.map(\.stages) == [[.tile]])
        #expect(open.map(\.ended) == [nil])
        #expect((open.first?.workers, open.first?.units) == (3, 3))
        #expect(open.first?.process.isAlive == true)
        var times = WorkTimes()
        times.add(.seconds(2), to: .decode)
        for _ in 0..<3 {
            sink(.advanced(amount: 10, of: "patches"))
            sink(.advanced(amount: 7, of: "epochs"))
            sink(.spent(times, peakMemory: 1000))
            sink(.finished(unit: "a", failure: nil))
        }
        sink(.spent(times, peakMemory: 500))
        sink(.ended(StageReport(stage: .tile)))
        let closed = try RunRecord.all(in: layout)
        #expect(closed.count == 1)
        #expect(closed.first?.ended != nil)
        let throughput = try #require(closed.first?.throughput)
        #expect((throughput.units, throughput.patches, throughput.peakMemory) == (3, 30, 1000))
        #expect(throughput.times.seconds == [.decode: 8])
        #expect(reports.withLock { $0.map(\.throughput) } == [throughput])
    }

    @Test func encodersThatShareAPassAreOneRun() throws {
        let ended = Mutex<[Bool]>([])
        let sink = RunAudit(stages: [.features("a"), .features("b")], layout: layout, settings: settings)
            .listening { if case .ended(let report) = $0 { ended.withLock { $0.append(report.throughput != nil) } } }
        sink(.began(stage: "both", units: 2, done: 0))
        sink(.ended(StageReport(stage: StageName("features_a"))))
        #expect(try RunRecord.all(in: layout).map(\.ended) == [nil])
        sink(.ended(StageReport(stage: StageName("features_b"))))
        #expect(try RunRecord.all(in: layout).allSatisfy { $0.ended != nil })
        #expect(ended.withLock { $0 } == [false, true])
    }

    @Test func aRunWithNothingToDoLeavesNoRecord() {
        let sink = RunAudit(stages: [.tile], layout: layout, settings: settings).listening { _ in }
        sink(.began(stage: "tile", units: 2, done: 2))
        sink(.ended(StageReport(stage: .tile)))
        #expect(!FileManager.default.fileExists(atPath: layout.root.path))
    }

    @Test func aProcessThatIsGoneAndOneThatTookItsNumberAreToldFromItself() {
        var mark = ProcessMark.own()
        #expect(mark.isAlive == true)
        mark.start = "1"
        #expect(mark.isAlive == false)
        mark.host = "another-host"
        #expect(mark.isAlive == nil)
    }
}
