import Foundation
import Messages
import Records
import Testing

@testable import Batching

/// How busy a device is said to be.
@Suite struct DeviceMeterTests {
    private func meter(_ parallel: Int, _ batches: [(from: Int, to: Int)]) -> DeviceMeter {
        var meter = DeviceMeter(parallel: parallel)
        let events = batches.flatMap { [($0.from, true), ($0.to, false)] }.sorted { $0.0 < $1.0 }
        for (time, isBegin) in events {
            isBegin
                ? meter.begin(batch: 8, at: .seconds(time)) : meter.end(8, at: .seconds(time))
        }
        return meter
    }

    @Test func gapsBetweenBatchesAreIdle() {
        let meter = meter(1, [(10, 14), (16, 20)])
        #expect(meter.spent == (.seconds(10), .seconds(8)))
        #expect(meter.patches == 16 && meter.batch == 8)
    }

    @Test func lanesThatWaitForOneDeviceCountOnce() {
        #expect(meter(1, [(0, 6), (4, 10)]).spent == (.seconds(10), .seconds(10)))
    }

    @Test func coresThatIdleBesideABusyOneAreCounted() {
        #expect(meter(2, [(0, 10), (0, 4), (8, 9)]).spent == (.seconds(10), .milliseconds(7500)))
    }

    @Test func aBatchThatRunsStillIsNotCounted() {
        var meter = meter(1, [(0, 4)])
        meter.begin(batch: 8, at: .seconds(5))
        meter.begin(batch: 8, at: .seconds(9))
        #expect(meter.spent == (.seconds(4), .seconds(4)))
    }

    @Test func theBatcherSaysWhatItsDevicesHaveDone() throws {
        let network = FakeNetwork(time: 0.001)
        let batcher = Batcher([BatchDevice("fake", [network], batch: 4, lanes: 2, parallel: 1)])
        defer { batcher.close() }
        #expect(batcher.use.map(\.patches) == [0])
        batcher.run()
        _ = try FakeSlide(1, 10).encoded(by: batcher, chunk: 3)
        let use = try #require(batcher.use.first)
        #expect((use.name, use.patches, use.batch) == ("fake", 10, 4))
        // Of every batch the rows that were no patches.
        #expect(use.padding == network.batches.count * 4 - 10)
        #expect(use.busySeconds > 0 && use.busySeconds <= use.seconds)
    }

    /// A device that computes nothing but padding is busy, and says of what.
    @Test func paddingIsToldApartAndOlderRecordsHaveNone() throws {
        var meter = DeviceMeter(parallel: 1)
        meter.begin(batch: 8, at: .zero)
        meter.end(2, padding: 6, at: .seconds(1))
        #expect((meter.patches, meter.padding) == (2, 6))
        let use = DeviceUse(name: "cuda:0", patches: 2, padding: 6, batch: 8, seconds: 1, busySeconds: 1)
        #expect((use.busy, use.paddingShare) == (1, 0.75))
        let old = #"{"name": "cpu", "patches": 2, "batch": 8, "seconds": 1, "busy_seconds": 1}"#
        let read = try JSONDecoder().decode(DeviceUse.self, from: Data(old.utf8))
        #expect((read.padding, read.paddingShare) == (0, 0))
    }

    @Test func patchesThatWereNotComputedAreNotCounted() {
        let network = FakeNetwork(.memoryAbove(2))
        let batcher = Batcher([BatchDevice("fake", [network], batch: 8, lanes: 1)])
        defer { batcher.close() }
        batcher.run()
        #expect(throws: Never.self) { try FakeSlide(1, 8).encoded(by: batcher, chunk: 8) }
        #expect(batcher.use.map(\.patches) == [8] && batcher.use.map(\.batch) == [2])
        #expect(batcher.use.map(\.padding) == [0], "nor is what filled them up")
    }
}
