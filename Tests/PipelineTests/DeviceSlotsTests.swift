import Config
import Foundation
import Messages
import Records
import TestSupport
import Testing

@testable import Pipeline

@Suite struct DeviceSlotsTests {
    private let two: [ComputeDevice] = [.cuda(0), .cuda(2)]

    /// Devices, workers, processes on one GPU, and how many run at a time.
    @Test(arguments: [
        ([ComputeDevice.cpu], 16, 1, 16), ([.cpu], 0, 4, 1), ([.cuda(0)], 16, 1, 1), ([.cuda(0)], 16, 4, 4),
        ([.cuda(0)], 2, 4, 2), ([.cuda(0), .cuda(2)], 16, 1, 2), ([.cuda(0), .cuda(2)], 16, 3, 6),
        ([.cuda(0), .cuda(2)], 1, 3, 1), ([.cuda(0)], 8, 0, 1),
    ])
    func aGPUTakesOneProcessUnlessMoreAreAskedFor(
        _ devices: [ComputeDevice],
        _ workers: Int,
        _ perGPU: Int,
        _ count: Int
    ) {
        #expect(DeviceSlots(devices, workers: workers, perGPU: perGPU).count == count)
    }

    @Test func theNextProcessGoesToTheDeviceWithTheFewest() {
        var slots = DeviceSlots(two, workers: 16, perGPU: 2)
        #expect((0..<4).map { _ in slots.begin() } == [.cuda(0), .cuda(2), .cuda(0), .cuda(2)])
        slots.end(.cuda(2))
        #expect(slots.begin() == .cuda(2))
        slots.end(.cuda(2))
        slots.end(.cuda(2))
        slots.end(.cuda(0))
        // One and none are busy now.
        #expect([slots.begin(), slots.begin()] == [.cuda(2), .cuda(0)])
        #expect(slots.begin() != nil && slots.begin() == nil, "no more than two on each")
    }

    @Test func onADeviceThatIsLeftOutNothingBegins() {
        var slots = DeviceSlots(two, workers: 16, perGPU: 1)
        slots.leaveOut(.cuda(0))
        #expect(slots.hasDevice && slots.begin() == .cuda(2) && slots.begin() == nil)
        slots.leaveOut(.cuda(2))
        #expect(!slots.hasDevice)
        slots.end(.cuda(2))
        #expect(slots.begin() == nil)
        slots.takeBack(.cuda(0))
        #expect(slots.begin() == .cuda(0))
    }

    @Test func slidesTakeTurnsAndNoDeviceIsAskedForNothing() throws {
        let items = try (0..<5).map {
            PredictRequest.Item(slide: try SlideID("s\($0)"), features: "", folds: [0], fingerprint: "")
        }
        func shares(_ items: [PredictRequest.Item]) -> [(ComputeDevice, [String])] {
            PredictRequest(model: "m", items: items, output: "o").shared(among: two)
                .map { ($0.device, $0.items.map(\.slide.text)) }
        }
        let all = shares(items)
        #expect(all.map(\.0) == two && all.map(\.1) == [["s0", "s2", "s4"], ["s1", "s3"]])
        #expect(shares(Array(items.prefix(1))).map(\.0) == [.cuda(0)] && shares([]).isEmpty)
    }

    /// This program has no LibTorch: the other one is asked, but of the processor.
    @Test func whatAChoiceMeansIsAskedOfTheProgramThatKnows() async throws {
        signal(SIGPIPE, SIG_IGN)
        let scratch = try Scratch()
        let answer = EngineRequest.Answer(devices: two, precision: .fp32)
        let file = try scratch.add("answer", frames: Frame(.answer, answer))
        let log = scratch.file("calls").path
        let script = "echo \"$1\" >> '\(log)'; cat '\(file.path)'"
        let programs = Programs(wsi: "/none", compute: try scratch.program("compute", script))
        #expect(try await DeviceChoice.cpu.devices(programs) == [.cpu])
        #expect(!FileManager.default.fileExists(atPath: log))
        #expect(try await DeviceChoice.everyCUDA.devices(programs) == two)
        #expect(try String(contentsOfFile: log, encoding: .utf8) == "engine\n")
    }
}
