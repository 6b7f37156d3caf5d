import Config
import Files
import Foundation
import Records
import Testing

@testable import Messages

/// Takes all frames out of bytes that come in pieces of these sizes, the last one of which repeats.
private func frames(
    in bytes: Data,
    by sizes: [Int] = [1 << 30],
    limit: Int = Frame.longest,
    skipsText: Bool = false
) throws -> [Frame] {
    var decoder = FrameDecoder(from: "peer", limit: limit, skipsText: skipsText)
    var (found, left, sizes) = ([Frame](), bytes[...], sizes[...])
    while !left.isEmpty {
        let size = sizes.count > 1 ? sizes.removeFirst() : sizes.first ?? 1 << 30
        left.prefix(size).withUnsafeBytes { decoder.add($0) }
        left = left.dropFirst(size)
        while let frame = try decoder.next() { found.append(frame) }
    }
    return found
}

private func text(_ words: String) -> Data { Data(words.utf8) }

@Suite struct FrameTests {
    /// What programs of any two builds have to understand.
    @Test func theHelloHasTheFormThatStaysForEver() throws {
        let content = #"{"release":"\#(Release.version)","version":\#(Frame.version)}"#
        let length = String(content.utf8.count, radix: 16)
        #expect(
            String(decoding: Frame.hello, as: UTF8.self)
                == "hello    \(String(repeating: "0", count: 8 - length.count))\(length)\n\(content)\n"
        )
        #expect(try frames(in: Frame.hello).isEmpty)
    }

    @Test func aFrameIsAHeadThatAPersonCanReadItsContentAndALineFeed() throws {
        let question = Frame(.question, text("0123456789abcdef\n"))
        #expect(try question.encoded() == text("question 00000011\n0123456789abcdef\n\n"))
        #expect(try Frame(.pixels, Data()).encoded() == text("pixels   00000000\n\n"))
        for kind in Frame.Kind.allCases {
            let head = Frame.Head(kind: kind, count: 0xab_cdef)
            let bytes = try head.bytes()
            #expect(bytes.count == Frame.Head.length)
            #expect(Frame.Head(bytes[...]) == head)
        }
    }

    @Test func framesOfAnySizeArriveWholeInPiecesOfAnySize() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = CounterRandom(seed: seed)
        for trial in 0..<50 {
            let sent = (0..<random.index(below: 8)).map { _ in
                let count = random.index(below: [1, 2, 20, 300, 70_000][random.index(below: 5)])
                let kind = Frame.Kind.allCases[random.index(below: Frame.Kind.allCases.count)]
                return Frame(kind, Data((0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }))
            }
            let bytes = try sent.reduce(Frame.hello) { try $0 + $1.encoded() }
            let sizes = (0..<40).map { _ in 1 + random.index(below: 60) } + [1 + random.index(below: 9000)]
            #expect(try frames(in: bytes, by: sizes) == sent, "seed \(seed), trial \(trial)")
            #expect(try frames(in: bytes, by: sizes, skipsText: true) == sent, "seed \(seed), trial \(trial)")
        }
    }

    @Test func wherePipesAreCutNothingIsHandedOn() throws {
        let frame = Frame(.word, text("[1, 2]"))
        let bytes = try Frame.hello + frame.encoded()
        for count in 0..<bytes.count {
            #expect(try frames(in: bytes.prefix(count), by: [7]).isEmpty, "after \(count) bytes")
        }
        #expect(try frames(in: bytes, by: [1]) == [frame])
    }

    @Test(arguments: [
        #"hello    00000020\#n{"release":"9.0.0","version":99}\#n"#,
        "hello    00000002\n{}\n",
        "hello    00000003\nxyz\n",
        "word     00000002\n{}\n",
        // Of before there were frames: the shortest question, of which no more will come.
        "{}\n",
        #"{"name":"acmil","cohort":{}}\#n"#,
    ])
    func anotherVersionIsRefusedInOneLine(words: String) throws {
        let failure = try #require(throws: Failure.self) { try frames(in: text(words), by: [1]) }
        #expect((failure.code, failure.subject) == (.usage, "peer"))
        #expect(failure.code.exitStatus == .usage)
        #expect(failure.message.hasPrefix("of another build than this program ("))
        #expect(failure.message.contains("install wsi and wsi-compute from one build"))
        #expect(!failure.description.contains("\n"))
    }

    @Test func theRefusalNamesBothReleases() throws {
        let words = #"hello    00000020\#n{"release":"9.0.0","version":99}\#n"#
        let failure = try #require(throws: Failure.self) { try frames(in: text(words)) }
        let ours = "here release \(Release.version), version \(Frame.version)"
        #expect(failure.message.contains("(release 9.0.0, messages of version 99; \(ours))"))
    }

    @Test func anotherReleaseOfTheSameVersionIsUnderstood() throws {
        let content = #"{"further":[1],"release":"9.0.0","version":\#(Frame.version)}"#
        let hello = try Frame(.hello, text(content)).encoded()
        let word = Frame(.word, text("1"))
        #expect(try frames(in: hello + word.encoded()) == [word])
    }

    @Test func absurdLengthsAreRefusedAtTheirHeads() throws {
        #expect(throws: StorageError.malformed(path: "channel", reason: "a message of 4294967295 bytes")) {
            try frames(in: Frame.hello + text("answer   ffffffff\n"))
        }
        #expect(throws: StorageError.malformed(path: "channel", reason: "a message of 101 bytes")) {
            try frames(in: Frame.hello + text("image    00000065\n"), limit: 100)
        }
        #expect(throws: StorageError.malformed(path: "channel", reason: "a batch of 1073741825 bytes")) {
            try Frame.Head(kind: .pixels, count: Frame.longest + 1).bytes()
        }
    }

    @Test(arguments: [
        "answer   0000000g\n", "answer   0000000A\n", "answer   +0000001\n", "answer  00000001\n\n",
        "answered 00000001\n",
        "ANSWER   00000001\n", "answer   00000001 ", "Intel MKL: loaded kernels\n",
    ])
    func whatIsNoHeadIsRefusedOrSkippedAsText(words: String) throws {
        let word = Frame(.word, text("1"))
        let bytes = try Frame.hello + text(words) + (words.hasSuffix("\n") ? Data() : text("\n")) + word.encoded()
        #expect(throws: StorageError.malformed(path: "channel", reason: "bytes that are no frame")) {
            try frames(in: bytes)
        }
        #expect(try frames(in: bytes, by: [5], skipsText: true) == [word])
    }

    @Test func textBeforeTheHelloAndBetweenFramesIsSkipped() throws {
        let word = Frame(.word, text("a\nword     00000001\nb"))
        let lines = text("loading\n\n" + String(repeating: "x", count: 100_000) + "\n")
        let bytes = try lines + Frame.hello + lines + word.encoded() + lines + word.encoded() + text("no line feed")
        #expect(try frames(in: bytes, by: [4096], skipsText: true) == [word, word])
    }

    @Test func aContentThatIsLongerThanItSaysIsNoFrame() throws {
        for skipsText in [false, true] {
            let fault = StorageError.malformed(path: "channel", reason: "a frame that does not end where it says")
            #expect(throws: fault) {
                try frames(in: Frame.hello + text("word     00000002\n123\n"), skipsText: skipsText)
            }
        }
    }

    @Test func aFrameOfAnotherKindOrContentIsRefused() throws {
        let frame = try Frame(.word, [1, 2])
        #expect(try frame.value([Int].self, of: .word) == [1, 2])
        #expect(throws: StorageError.malformed(path: "channel", reason: "a frame 'word' where 'answer' is wanted")) {
            try frame.value([Int].self, of: .answer)
        }
        let failure = try #require(throws: Failure.self) { try frame.value([String].self, of: .word) }
        #expect(failure.code == .usage && failure.message.hasPrefix("the word is no Array<String>: "))
    }
}

/// The verbs and what they are asked with.
@Suite struct ComputeQuestionTests {
    @Test func everyVerbHasAQuestionOfItsOwn() {
        let verbs: [ComputeVerb] = [
            TrainRequest.verb, PredictRequest.verb, FaithfulnessRequest.verb, EncodeRequest.verb,
            EncoderCheckRequest.verb, EngineRequest.verb, MachineRequest.verb, DevicesRequest.verb, BenchRequest.verb,
        ]
        #expect(Set(verbs) == Set(ComputeVerb.allCases) && verbs.count == ComputeVerb.allCases.count)
    }

    @Test func answersSurviveTheWayThroughAPipe() throws {
        func arrived<Value: Codable>(_ value: Value) throws -> Value {
            try Frame(.answer, value).value(Value.self, of: .answer)
        }
        let engine = try arrived(EngineRequest.Answer(devices: [.cuda(1), .cuda(0)], precision: .bf16))
        #expect((engine.devices, engine.precision) == ([.cuda(1), .cuda(0)], .bf16))
        let difference = FeatureDifference([1, 2.5], from: [1, 2], dim: 2)
        let made = EncoderCheckRequest.Check(device: .cuda(1), precision: .bf16, golden: nil, fp32: difference)
        let check = try #require(try arrived([made]).first)
        #expect((check.device, check.precision, check.golden, check.fp32) == (.cuda(1), .bf16, nil, difference))
        let gpu = DriverFacts.GPU(index: 0, name: "H200", capability: "9.0", memory: 1, hasKernels: true)
        let driver = DriverFacts(isFound: true, release: "570", cuda: "12.8", gpus: [gpu], mask: "")
        #expect(try arrived(DevicesRequest.Word.driver(driver)) == .driver(driver))
        let product = DeviceCheck.Product(precision: .fp32, error: nil, bound: 1, rate: 2)
        let failed = DeviceCheck(device: .cuda(0), products: [product], failure: Failure(.io, "cuda:0", "lost"))
        #expect(try arrived(DevicesRequest.Word.check(failed)) == .check(failed) && !product.isRight)
        for devices in [nil, 0, 2] {
            let machine = try arrived(
                MachineRequest.Answer(
                    release: "1",
                    libtorch: "2",
                    capability: "AVX2",
                    hasOneDNN: true,
                    precision: .fp32,
                    devices: devices,
                    isBuiltWithCUDA: devices != nil
                )
            )
            #expect(machine.devices == devices && machine.hasOneDNN)
            #expect(machine.isBuiltWithCUDA == (devices != nil))
        }
        #expect(try arrived(Done()) == Done())
    }
}
