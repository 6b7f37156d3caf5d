import Records
import Testing

@Suite struct FingerprintTests {
    private let old = Fingerprint(
        stage: "tile",
        parameters: ["mpp": "0.5", "overlap": "0"],
        inputs: ["slide": "aa", "mask": "bb"]
    )

    @Test func equalFingerprintsAreTheSame() {
        #expect(old.compared(to: old) == .same)
    }

    @Test func changedParametersAreNamedInOrderWithBothValues() {
        var new = old
        new.parameters = ["mpp": "0.25", "patch_size": "256"]
        #expect(
            new.compared(to: old)
                == .parametersDiffer([
                    .init(key: "mpp", old: "0.5", new: "0.25"), .init(key: "overlap", old: "0", new: nil),
                    .init(key: "patch_size", old: nil, new: "256"),
                ])
        )
    }

    @Test func changedInputsAreNamedByKeyAlone() {
        var new = old
        new.inputs = ["slide": "cc", "labels": "dd"]
        #expect(new.compared(to: old) == .inputsDiffer(["labels", "mask", "slide"]))
    }

    @Test func aChangedParameterOutweighsAChangedInput() {
        var new = old
        new.parameters["mpp"] = "1.0"
        new.inputs["slide"] = "cc"
        #expect(new.compared(to: old) == .parametersDiffer([.init(key: "mpp", old: "0.5", new: "1.0")]))
    }

    @Test func anotherFormatCountsAsAnotherConfiguration() {
        var new = old
        new.format = 2
        #expect(new.compared(to: old) == .parametersDiffer([.init(key: "format", old: "1", new: "2")]))
    }
}
