import Batching
import Testing

/// How well devices are used, by a virtual clock.
@Suite struct ScheduleTests {
    /// A ViT-L in bf16 on a current GPU, roughly: 2,000 patches a second.
    private let device = VirtualClock.Device(compute: 0.128, transfer: 0.01)
    private let batch = 256

    /// From 1 to 50,000 patches.
    private let mixed = [50_000, 1, 12_000, 300, 7, 25_000, 2, 900, 4_000, 1, 60, 18_000, 1_500, 5, 8_000, 33, 6_000]

    /// Readers that read half as much again as the devices compute.
    private func readers(for devices: Int, share: Double = 1.5) -> VirtualClock.Readers {
        let count = 8 * devices
        let rate = share * Double(devices * batch) / device.compute
        return VirtualClock.Readers(count: count, start: 0.1, patch: Double(count) / rate)
    }

    private func expectAll(_ end: VirtualClock.End, of slides: [Int]) {
        #expect(slides.indices.allSatisfy { end.delivered[$0] == slides[$0] })
        #expect(end.patches.reduce(0, +) == slides.reduce(0, +))
    }

    @Test(arguments: [1, 2, 4]) func devicesAreBusyWhereReadersKeepUp(_ count: Int) {
        let slides = Array(repeating: mixed, count: 4 * count).flatMap { $0 }.sorted(by: >)
        var clock = VirtualClock(
            slides: slides,
            batch: batch,
            devices: Array(repeating: device, count: count),
            readers: readers(for: count)
        )
        let end = clock.run()
        expectAll(end, of: slides)
        #expect(end.busy.allSatisfy { $0 >= 0.95 }, "\(end.busy)")
    }

    @Test func slidesOfOnePatchShareBatches() {
        let slides = Array(repeating: 1, count: 2000)
        let model = VirtualClock.Readers(count: 64, start: 0.1, patch: 0.001)
        var clock = VirtualClock(slides: slides, batch: batch, devices: [device], readers: model)
        let end = clock.run()
        expectAll(end, of: slides)
        // Alone, each would take a batch.
        #expect(end.batches < 200, "\(end.batches)")
    }

    @Test func aDeviceThatSlowsTakesLessAndTheOthersStayBusy() {
        let slides = Array(repeating: mixed, count: 8).flatMap { $0 }.sorted(by: >)
        var slow = device
        slow.slow = (from: 20, times: 4)
        var clock = VirtualClock(slides: slides, batch: batch, devices: [device, slow], readers: readers(for: 2))
        let end = clock.run()
        expectAll(end, of: slides)
        #expect(end.busy.allSatisfy { $0 >= 0.95 }, "\(end.busy)")
        #expect(end.patches[0] > 2 * end.patches[1], "\(end.patches)")
    }

    @Test func aReaderThatStallsHoldsUpNoDevice() {
        let slides = Array(repeating: mixed, count: 4).flatMap { $0 }.sorted(by: >)
        var model = readers(for: 1)
        model.stall = (reader: 3, from: 5, time: 60)
        var clock = VirtualClock(slides: slides, batch: batch, devices: [device], readers: model)
        let end = clock.run()
        expectAll(end, of: slides)
        #expect(end.busy[0] >= 0.95, "\(end.busy)")
    }

    @Test func whereReadersAreTheLimitDevicesWaitForThemAndNoLonger() {
        let slides = Array(repeating: mixed, count: 4).flatMap { $0 }.sorted(by: >)
        var clock = VirtualClock(slides: slides, batch: batch, devices: [device], readers: readers(for: 1, share: 0.5))
        let end = clock.run()
        expectAll(end, of: slides)
        let model = readers(for: 1, share: 0.5)
        let reading = (Double(slides.reduce(0, +)) * model.patch + Double(slides.count) * model.start) / 8
        // Slides of uneven length leave readers without one at the end.
        #expect(end.time < 1.25 * reading, "\(end.time) s, reading \(reading) s")
    }
}
