import Batching
import Records
import Testing

/// Devices are opened before the first slide: what one that does not open costs depends on whether it was named.
@Suite struct DeviceOpeningTests {
    private func open(
        _ places: [String],
        isEachWanted: Bool,
        faults: [String: any Error]
    ) throws -> (names: [String], notes: [String]) {
        var notes: [String] = []
        let devices = try BatchDevice.open(places, isEachWanted: isEachWanted, note: { notes.append($0) }) { place in
            if let fault = faults[place] { throw fault }
            return BatchDevice(place, [FakeNetwork()], batch: 256, lanes: 2)
        }
        return (devices.map(\.name), notes)
    }

    private struct Words: Error, CustomStringConvertible { var description: String }

    private let lost = Words(description: "init: CUDA error: device busy")

    @Test func everyDeviceHasItsOwnNetworksInTheirOrder() throws {
        let found = try open(["cuda:2", "cuda:0"], isEachWanted: true, faults: [:])
        #expect(found.names == ["cuda:2", "cuda:0"] && found.notes.isEmpty)
    }

    @Test func aNamedDeviceThatDoesNotOpenEndsTheCommand() throws {
        let failure = #expect(throws: Failure.self) {
            try open(["cuda:0", "cuda:1"], isEachWanted: true, faults: ["cuda:1": lost])
        }
        #expect(failure?.code == .io && failure?.subject == "cuda:1")
        #expect(failure?.message == "init: CUDA error: device busy; cuda:all leaves out what does not open")
        let old = Words(description: "CUDA error: no kernel image is available for execution on the device")
        let usage = #expect(throws: Failure.self) {
            try open(["cuda:0"], isEachWanted: true, faults: ["cuda:0": old])
        }
        #expect(
            usage?.code == .usage && usage?.message.hasPrefix("this LibTorch and driver cannot compute on it") == true
        )
    }

    @Test func ofAllDevicesOneThatDoesNotOpenIsLeftOutAndTold() throws {
        let found = try open(["cuda:0", "cuda:1", "cuda:2"], isEachWanted: false, faults: ["cuda:1": lost])
        #expect(found.names == ["cuda:0", "cuda:2"] && found.notes.count == 1)
        #expect(found.notes[0].hasPrefix("cuda:1 does not open and is left out: init: CUDA error: device busy"))
        let none = #expect(throws: Failure.self) {
            try open(["cuda:0", "cuda:1"], isEachWanted: false, faults: ["cuda:0": lost, "cuda:1": lost])
        }
        #expect(none?.subject == "cuda:0" && none?.message == "init: CUDA error: device busy", "it has gone on nowhere")
    }

    /// Judged where it was found: of numbers that are wrong no library has a word.
    @Test func aDeviceWhoseNumbersAreWrongIsItsOwnFault() throws {
        let wrong = BatchFault.device(Failure(.io, nil, "wrong numbers"))
        let found = try open(["cuda:0", "cuda:1"], isEachWanted: false, faults: ["cuda:0": wrong])
        #expect(found.names == ["cuda:1"] && found.notes == ["cuda:0 does not open and is left out: wrong numbers"])
        let named = #expect(throws: Failure.self) {
            try open(["cuda:0"], isEachWanted: true, faults: ["cuda:0": wrong])
        }
        #expect(named == Failure(.io, "cuda:0", "wrong numbers"))
    }

    @Test func weightsThatAreDamagedAreNoFaultOfTheDevice() {
        let damaged = Failure(.digest, "w.safetensors", "other bytes")
        for isEachWanted in [true, false] {
            #expect(throws: damaged) {
                try open(["cuda:0", "cuda:1"], isEachWanted: isEachWanted, faults: ["cuda:1": damaged])
            }
        }
    }

    @Test func whatIsInForceIsSaidInWords() {
        func device(_ name: String, _ batch: Int) -> BatchDevice { BatchDevice(name, [], batch: batch, lanes: 2) }
        #expect(BatchDevice.words(of: [device("cpu", 8)]) == "features on cpu, in batches of 8")
        let three = [device("cuda:0", 256), device("cuda:1", 256), device("cuda:3", 128)]
        #expect(BatchDevice.words(of: three) == "features on cuda:0, cuda:1 and cuda:3, in batches of 128 or 256")
    }
}
