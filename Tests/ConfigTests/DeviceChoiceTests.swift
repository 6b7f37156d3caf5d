import Files
import Foundation
import Pipeline
import Records
import Testing

@testable import Config

@Suite struct DeviceChoiceTests {
    @Test(arguments: [
        ("auto", DeviceChoice.auto), ("cpu", .cpu), ("cuda", .cuda([0])), ("cuda:3", .cuda([3])),
        ("cuda:0,cuda:2", .cuda([0, 2])), ("cuda:2,cuda:0", .cuda([2, 0])), ("cuda:all", .everyCUDA),
    ])
    func aWordIsReadAndWritten(_ word: String, _ choice: DeviceChoice) throws {
        #expect(try DeviceChoice(word) == choice && choice.word == word)
        #expect(try CanonicalJSON.line(choice) == CanonicalJSON.line(word))
        #expect(try JSONDecoder().decode(DeviceChoice.self, from: CanonicalJSON.line(word)) == choice)
    }

    @Test func theFirstIsTheFirst() throws {
        #expect(try DeviceChoice("cuda:0") == DeviceChoice("cuda"))
        for word in ["cuda:1", "cuda:all", "cuda:0,cuda:1"] { #expect(try DeviceChoice(word).kind.word == "cuda") }
    }

    @Test(arguments: [
        "cuda:x", "gpu", "cuda:-1", "CUDA", "", "cuda:", "cuda:00", "cuda:100", "cuda:0,1", "cuda:0,", "cuda:0, cuda:1",
        "cuda:0,cpu", "cuda:all,cuda:0", "cuda,cuda:1", "cuda:１", " cpu",
    ])
    func whatIsNoDeviceIsToldTheWords(_ word: String) {
        let failure = #expect(throws: Failure.self) { try DeviceChoice(word) }
        #expect(failure?.message == "one of auto, cpu, cuda, cuda:all or cuda:N is wanted here")
    }

    @Test func aDeviceThatIsNamedTwiceIsToldApart() {
        let failure = #expect(throws: Failure.self) { try DeviceChoice("cuda:1,cuda:0,cuda:1") }
        #expect(failure?.message == "cuda:1 is named twice; name each device once")
    }

    @Test(arguments: [
        ("3", "one of auto, cpu, cuda, cuda:all or cuda:N is wanted here"),
        (#""""#, "one of auto, cpu, cuda, cuda:all or cuda:N is wanted here"),
        (#""gpu""#, "one of auto, cpu, cuda, cuda:all or cuda:N is wanted here"),
        (#"["cuda:0"]"#, "one of auto, cpu, cuda, cuda:all or cuda:N is wanted here"),
        (#""cuda:0,cuda:0""#, "cuda:0 is named twice; name each device once"),
    ])
    func aConfigIsToldItsKey(_ json: String, _ message: String) {
        let error = #expect(throws: ConfigError.self) {
            try JSONDecoder().decode(TrainingConfig.self, from: Data(#"{"device": \#(json)}"#.utf8))
        }
        #expect((error?.subject, error?.message) == ("device", message))
    }

    @Test func theSchemaTakesWhatTheParserTakes() throws {
        let schema = SchemaCheck(ConfigSchema(PipelineConfig.outline).json)
        func accepts(_ device: String) throws -> Bool {
            let text =
                #"{"cohort": {"slides": "s", "labels": "l"}, "model": {"kind": "abmil"}, "training": {"device": \#(device)}}"#
            return schema.accepts(try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)))
        }
        for word in ["auto", "cpu", "cuda", "cuda:all", "cuda:7", "cuda:0,cuda:12"] {
            #expect(try accepts("\"\(word)\""), "\(word)")
        }
        #expect(try accepts("null"))
        for word in ["gpu", "cuda:x", "cuda:-1", "CUDA", "", "cuda:0,", "xcuda:0", "cuda:0x", "cuda:100"] {
            #expect(try !accepts("\"\(word)\""), "\(word)")
        }
        #expect(try !accepts("3"))
    }
}

@Suite struct VisibleDevicesTests {
    private func devices(
        _ word: String,
        of count: Int,
        isBuiltWithCUDA: Bool = true,
        mask: String? = nil
    ) throws -> [String] {
        try VisibleDevices(count: count, isBuiltWithCUDA: isBuiltWithCUDA, mask: mask).devices(of: DeviceChoice(word))
            .map(\.description)
    }

    @Test func aChoiceMeansTheDevicesThatAreThere() throws {
        #expect(try devices("auto", of: 0) == ["cpu"] && devices("auto", of: 4) == ["cuda:0"])
        #expect(try devices("cpu", of: 4) == ["cpu"] && devices("cuda", of: 4) == ["cuda:0"])
        #expect(try devices("cuda:all", of: 3) == ["cuda:0", "cuda:1", "cuda:2"])
        #expect(try devices("cuda:3,cuda:1", of: 4) == ["cuda:3", "cuda:1"])
    }

    @Test(
        arguments: [
            ([80, 80, 80], 0), ([2, 80, 80], 1), ([2, 30, 80], 2), ([75, 80], 0), ([60, 80], 1), ([0, 0], 0),
            // Where one does not tell, nothing is guessed.
            ([nil, 80], 0), ([2, nil], 0), ([], 0), ([2], 0),
        ] as [([Int?], Int)]
    )
    func autoTakesAGPUThatHasRoom(gigabytes: [Int?], index: Int) throws {
        let free = gigabytes.map { $0.map { $0 << 30 } }
        let visible = VisibleDevices(count: max(2, free.count), isBuiltWithCUDA: true, mask: nil, free: free)
        #expect(try visible.devices(of: .auto) == [.cuda(index)])
        // Who names one gets that one.
        #expect(try visible.devices(of: DeviceChoice("cuda")) == [.cuda(0)])
    }

    @Test func anIndexThatIsNotThereIsToldThoseThatAre() {
        let two = #expect(throws: Failure.self) { try devices("cuda:99", of: 2) }
        #expect((two?.code, two?.subject) == (.usage, "device cuda:99"))
        #expect(two?.message == "there is no cuda:99: this machine shows 2 devices; use cuda:0 to cuda:1")
        let one = #expect(throws: Failure.self) { try devices("cuda:0,cuda:1", of: 1, mask: "3") }
        let words = "there is no cuda:1: this machine shows 1 device (CUDA_VISIBLE_DEVICES is '3'); use cuda:0"
        #expect(one?.message == words)
    }

    @Test func withoutAGPUTheReasonIsSaid() {
        for word in ["cuda", "cuda:all", "cuda:2"] {
            let cpu = #expect(throws: Failure.self) { try devices(word, of: 0, isBuiltWithCUDA: false, mask: "") }
            #expect(cpu?.message.hasPrefix("this LibTorch is a build without CUDA; use cpu") == true)
            let hidden = #expect(throws: Failure.self) { try devices(word, of: 0, mask: "") }
            #expect(hidden?.message.contains("CUDA_VISIBLE_DEVICES is ''; unset it, or use cpu") == true)
            let none = #expect(throws: Failure.self) { try devices(word, of: 0) }
            #expect(none?.message.hasPrefix("LibTorch has CUDA and sees no GPU; wsi doctor says why") == true)
        }
    }

    @Test func oneDeviceSurvivesTheWayThroughAPipe() throws {
        for device in [ComputeDevice.cpu, .cuda(0), .cuda(12)] {
            #expect(try JSONDecoder().decode(ComputeDevice.self, from: CanonicalJSON.line(device)) == device)
        }
        #expect(throws: (any Error).self) { try JSONDecoder().decode(ComputeDevice.self, from: Data(#""auto""#.utf8)) }
        #expect(ComputeDevice.list([.cpu]) == "cpu")
        #expect(ComputeDevice.list([.cuda(0), .cuda(1), .cuda(4)]) == "cuda:0, cuda:1 and cuda:4")
    }
}
